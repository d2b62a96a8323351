// tableops.mjs: the life of tables, each case with tables of its own.

import {schema} from '../tables.mjs';
import {mutate} from './mutate.mjs';

function projection(random) {
	return random.weighted([
		[3, () => ({ProjectionType: 'ALL'})],
		[2, () => ({ProjectionType: 'KEYS_ONLY'})],
		[2, () => ({ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'y']})],
		[0.4, () => random.pick([{}, {ProjectionType: 'INCLUDE'}, {ProjectionType: 'ALL', NonKeyAttributes: ['x']},
			{ProjectionType: 'KEYS_ONLY', NonKeyAttributes: ['x']}, {ProjectionType: 'INCLUDE', NonKeyAttributes: []},
			{ProjectionType: 'SOME'}, {NonKeyAttributes: ['x']}, {ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'x']},
			{ProjectionType: 'INCLUDE', NonKeyAttributes: Array.from({length: random.pick([20, 21, 100, 101])}, (_, i) => `n${i}`)}])],
	]);
}

function throughput(random) {
	return {ReadCapacityUnits: random.chance(0.04) ? random.pick([0, -1, 1e12, 1.5]) : random.int(1, 20),
		WriteCapacityUnits: random.int(1, 20)};
}

function globalIndex(random, name, keys, billed) {
	const index = {IndexName: name, KeySchema: schema(keys), Projection: projection(random)};
	if (billed || random.chance(0.04))
		index.ProvisionedThroughput = throughput(random);
	return index;
}

function keySchema(random, keys) {
	const result = schema(keys);
	if (random.chance(0.06))
		return random.pick([[], [{AttributeName: 'pk', KeyType: 'RANGE'}], [...result].reverse(),
			[{AttributeName: 'pk', KeyType: 'HASH'}, {AttributeName: 'sk', KeyType: 'HASH'}],
			[{AttributeName: 'pk', KeyType: 'HASH'}, {AttributeName: 'pk', KeyType: 'RANGE'}],
			[{AttributeName: 'pk', KeyType: 'HASH'}, {AttributeName: 'undefined', KeyType: 'RANGE'}],
			[...result, {AttributeName: 'g', KeyType: 'RANGE'}], [{AttributeName: 'pk'}], [{KeyType: 'HASH'}]]);
	return result;
}

export function createRequest(random, name) {
	const ranged = random.chance(0.6);
	const keys = ranged ? ['pk', 'sk'] : ['pk'];
	const provisioned = random.chance(0.5);
	const types = {pk: random.pick(['S', 'N', 'B']), ...(ranged ? {sk: random.pick(['S', 'N', 'B'])} : {})};
	const request = {TableName: name, KeySchema: keySchema(random, keys)};

	if (provisioned) {
		request.ProvisionedThroughput = throughput(random);
		if (random.chance(0.3))
			request.BillingMode = 'PROVISIONED';
	} else
		request.BillingMode = 'PAY_PER_REQUEST';
	if (random.chance(0.03))
		Object.assign(request, random.pick([{BillingMode: 'PROVISIONED'}, {BillingMode: 'FREE'}, {BillingMode: 'PAY_PER_REQUEST'}]));
	if (random.chance(0.4)) {
		request.GlobalSecondaryIndexes = random.times(1, 2, () => null)
			.map((_, i) => globalIndex(random, `g${i}x`, random.chance(0.5) ? ['g'] : ['g', 'h'], provisioned));
		types.g = 'S';
		if (JSON.stringify(request.GlobalSecondaryIndexes).includes('"h"'))
			types.h = 'N';
	}
	if (ranged && random.chance(0.3)) {
		request.LocalSecondaryIndexes = [{IndexName: 'l0x', KeySchema: schema(['pk', 'l']), Projection: projection(random)}];
		types.l = 'S';
	}
	if (random.chance(0.03))
		request.LocalSecondaryIndexes = random.pick([[], [{IndexName: 'l0x', KeySchema: schema(['pk', 'pk']), Projection: {ProjectionType: 'ALL'}}],
			[{IndexName: 'l0x', KeySchema: schema(['sk', 'pk']), Projection: {ProjectionType: 'ALL'}}],
			[{IndexName: 'l0x', KeySchema: schema(['pk']), Projection: {ProjectionType: 'ALL'}}],
			[1, 2].map(() => ({IndexName: 'same', KeySchema: schema(['pk', 'sk']), Projection: {ProjectionType: 'ALL'}})),
			[1, 2, 3, 4, 5, 6].map(i => ({IndexName: `l${i}x`, KeySchema: schema(['pk', 'sk']), Projection: {ProjectionType: 'ALL'}}))]);
	if (random.chance(0.02))
		request.GlobalSecondaryIndexes = random.pick([[], Array.from({length: 21}, (_, i) => globalIndex(random, `g${i}x`, ['pk'], provisioned))]);
	request.AttributeDefinitions = Object.entries(types)
		.map(([AttributeName, AttributeType]) => ({AttributeName, AttributeType}));
	if (random.chance(0.06))
		random.weighted([
			[1, () => request.AttributeDefinitions.pop()],
			[1, () => request.AttributeDefinitions.push({AttributeName: 'spare', AttributeType: 'S'})],
			[1, () => request.AttributeDefinitions.push(request.AttributeDefinitions[0])],
			[1, () => { request.AttributeDefinitions[0].AttributeType = random.pick(['X', 'M', 'BOOL']); }],
		]);
	if (random.chance(0.1))
		request.StreamSpecification = random.pick([{StreamEnabled: true, StreamViewType: 'NEW_IMAGE'}, {StreamEnabled: false},
			{StreamEnabled: true}, {StreamEnabled: false, StreamViewType: 'NEW_IMAGE'}, {StreamViewType: 'KEYS_ONLY'}]);
	return request;
}

function updateRequest(random, name) {
	const request = {TableName: name};
	random.weighted([
		[2, () => { request.ProvisionedThroughput = throughput(random); }],
		[2, () => {
			request.AttributeDefinitions = [{AttributeName: 'u', AttributeType: 'S'}];
			if (random.chance(0.1))
				request.AttributeDefinitions = [];
			request.GlobalSecondaryIndexUpdates = [{Create: globalIndex(random, 'u0x', ['u'], random.chance(0.5))}];
		}],
		[1, () => { request.GlobalSecondaryIndexUpdates = [{Delete: {IndexName: random.pick(['g0x', 'none'])}}]; }],
		[1, () => { request.GlobalSecondaryIndexUpdates = [{Update: {IndexName: random.pick(['g0x', 'none']), ProvisionedThroughput: throughput(random)}}]; }],
		[1, () => { request.BillingMode = random.pick(['PROVISIONED', 'PAY_PER_REQUEST']); }],
		[1, () => {}],
		[1, () => { request.GlobalSecondaryIndexUpdates = random.pick([[], [{}],
			[{Delete: {IndexName: 'g0x'}}, {Delete: {IndexName: 'g1x'}}],
			[{Delete: {IndexName: 'g0x'}}, {Delete: {IndexName: 'g0x'}}],
			[{Delete: {IndexName: 'g0x'}, Update: {IndexName: 'g0x', ProvisionedThroughput: throughput(random)}}]]); }],
		[0.5, () => { request.StreamSpecification = {StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES'}; }],
	]);
	return request;
}

export function tableCase(random, unique) {
	const name = `DiffCase${unique}`;
	const bad = request => random.chance(0.12) ? mutate(random, request) : request;
	const steps = [{op: 'CreateTable', request: bad(createRequest(random, name))}, {op: 'DescribeTable', request: {TableName: name}}];

	if (random.chance(0.1))
		steps.push({op: 'CreateTable', request: createRequest(random, name)});
	if (random.chance(0.5))
		steps.push({op: 'UpdateTable', request: bad(updateRequest(random, name))}, {op: 'DescribeTable', request: {TableName: name}});
	if (random.chance(0.3))
		steps.push({op: 'UpdateTimeToLive', request: bad({TableName: name, TimeToLiveSpecification: {Enabled: random.chance(0.8), AttributeName: random.pick(['ttl', 'x', ''])}})},
			{op: 'DescribeTimeToLive', request: bad({TableName: name})});
	if (random.chance(0.2))
		steps.push({op: 'ListTables', request: bad({Limit: random.pick([0, 1, 2, 100, 101]), ExclusiveStartTableName: random.pick(['Diff', 'DiffHash', 'DiffZ', 'a', ''])})});
	if (random.chance(0.1))
		steps.push({op: 'DescribeTable', request: bad({TableName: 'NoSuchTable'})}, {op: 'DeleteTable', request: bad({TableName: 'NoSuchTable'})},
			{op: 'UpdateTable', request: bad(updateRequest(random, 'NoSuchTable'))});
	if (random.chance(0.15))
		steps.push({op: random.pick(['DescribeLimits', 'DescribeEndpoints']), request: {}},
			{op: 'DescribeContinuousBackups', request: {TableName: random.pick([name, 'NoSuchTable'])}});
	if (random.chance(0.15)) {
		const arn = {arnOf: random.pick([name, 'NoSuchTable'])};
		steps.push({op: 'TagResource', request: bad({ResourceArn: arn, Tags: [{Key: 'k', Value: 'v'}, {Key: random.pick(['k2', 'aws:x', '']), Value: ''}]})},
			{op: 'ListTagsOfResource', request: bad({ResourceArn: arn})},
			{op: 'UntagResource', request: bad({ResourceArn: arn, TagKeys: ['k']})},
			{op: 'ListTagsOfResource', request: {ResourceArn: arn}});
	}
	steps.push({op: 'DeleteTable', request: {TableName: name}});
	return steps;
}
