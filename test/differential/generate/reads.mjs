// reads.mjs: Query and Scan of DiffRead, which nothing writes to.

import {Builder} from './expressions.mjs';
import {mutate} from './mutate.mjs';
import {addAttributesToGet, addConditionalOperator, filterConditions, keyConditions} from './legacy.mjs';

const indexes = {
	'': {p: 'pk', s: 'sk', sType: 'N'},
	byLs: {p: 'pk', s: 'ls', sType: 'S'},
	byGp: {p: 'gp', s: 'gs', sType: 'N'},
	byGpInc: {p: 'gp', s: 'gs', sType: 'N'},
};

function sortValue(random, type) {
	return type === 'N' ? {N: random.pick(['-2', '0', '1', '1.5', '3', '20', '40.01'])} :
		{S: random.pick(['x', 'x5', 'xy', 'y', 'a'])};
}

function partitionValue(random, index) {
	return {S: index.p === 'pk' ? random.pick(['p', 'q', 'r', 'ß', 'nobody']) : random.pick(['g', 'h', 'nobody'])};
}

function keyCondition(random, builder, index) {
	const name = n => random.chance(0.2) ? builder.name(n) : n;
	const partition = `${name(index.p)} ${random.chance(0.02) ? random.pick(['<', '<>', '>=']) : '='} ${builder.value(partitionValue(random, index))}`;
	if (random.chance(0.4))
		return partition;
	const value = () => builder.value(random.chance(0.03) ? {BOOL: true} : sortValue(random, index.sType));
	const sort = random.weighted([
		[3, () => `${name(index.s)} ${random.pick(['=', '<', '<=', '>', '>='])} ${value()}`],
		[1, () => `${name(index.s)} BETWEEN ${value()} AND ${value()}`],
		[1, () => `begins_with(${name(index.s)}, ${value()})`],
		[0.2, () => random.pick([`${index.s} <> ${value()}`, `${index.s} IN (${value()})`, `contains(${index.s}, ${value()})`,
			`attribute_exists(${index.s})`, `a = ${value()}`, `${index.p} = ${value()}`, `NOT ${index.s} = ${value()}`,
			`size(${index.s}) = ${value()}`, `${index.s} = ${index.p}`, `${value()} = ${index.s}`])],
	]);
	return random.chance(0.05) ? `${partition} OR ${sort}` :
		random.chance(0.1) ? `(${sort}) AND (${partition})` :
		random.chance(0.2) ? `${sort} AND ${partition}` : `${partition} AND ${sort}`;
}

function startKey(random, indexName) {
	const key = {pk: {S: random.pick(['p', 'q', 'zzz'])}, sk: {N: random.pick(['0', '1', '2', '1.25'])}};
	const index = indexes[indexName] ?? indexes[''];
	if (indexName === 'byLs')
		key.ls = {S: 'xy'};
	else if (indexName) {
		key.gp = {S: random.pick(['g', 'h'])};
		key.gs = {N: '20'};
	}
	if (random.chance(0.15))
		random.weighted([
			[1, () => delete key[random.pick(Object.keys(key))]],
			[1, () => { key.extra = {S: 'x'}; }],
			[1, () => { key[index.s] = {BOOL: true}; }],
			[1, () => { key.pk = {N: '1'}; }],
			[1, () => { key[index.p] = {S: ''}; }],
		]);
	return key;
}

function common(random, request, builder, legacy) {
	if (random.chance(0.3))
		request.Limit = random.chance(0.05) ? random.pick([0, -1, 1.5]) : random.int(1, 12);
	if (random.chance(0.3))
		request.Select = random.pick(['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'COUNT', 'COUNT', 'SPECIFIC_ATTRIBUTES', 'SOME']);
	if (random.chance(0.3))
		request.ConsistentRead = random.chance(0.5);
	if (random.chance(0.3))
		request.ReturnConsumedCapacity = random.pick(['TOTAL', 'INDEXES', 'NONE']);
	if (legacy) {
		if (random.chance(0.3))
			addAttributesToGet(random, request);
		addConditionalOperator(random, request, 0.2);
	} else if (random.chance(0.3)) {
		const names = random.shuffle(['pk', 'sk', 'a', 'b', 'c', 'c.d[0]', 'gp', 'gs', 'ls', 'gone']);
		builder.add(request, 'ProjectionExpression', names.slice(0, random.int(1, 3)).join(', '));
		if (random.chance(0.8) && !request.Select)
			request.Select = 'SPECIFIC_ATTRIBUTES';
	}
	if (random.chance(0.2))
		request.ExclusiveStartKey = startKey(random, request.IndexName);
}

function filter(random, builder) {
	return random.weighted([
		[4, () => `${random.pick(['a', 'b', 'c.d[0]', 'c', 'gone'])} ${random.pick(['=', '<>', '<', '>='])} ${builder.scalar()}`],
		[2, () => `attribute_exists(${random.pick(['a', 'b', 'c', 'gp'])})`],
		[2, () => builder.condition()],
		[0.3, () => `${random.pick(['pk', 'sk', 'gp', 'gs', 'ls'])} = ${builder.scalar()}`],
	]);
}

function chooseIndex(random, request) {
	const indexName = random.pick(['', '', 'byLs', 'byGp', 'byGpInc']);
	if (indexName)
		request.IndexName = indexName;
	if (random.chance(0.02))
		request.IndexName = random.pick(['noIndex', 'x', '']);
	return indexes[indexName];
}

export function queryCase(random) {
	const request = {TableName: 'DiffRead'};
	const builder = new Builder(random);
	const index = chooseIndex(random, request);
	const legacy = random.chance(0.2);
	if (legacy) {
		request.KeyConditions = keyConditions(random, {name: index.p, value: partitionValue(random, index)},
			{name: index.s, value: sortValue(random, index.sType), other: sortValue(random, index.sType)});
		if (random.chance(0.4))
			request.QueryFilter = filterConditions(random);
	} else {
		builder.add(request, 'KeyConditionExpression', keyCondition(random, builder, index));
		if (random.chance(0.3))
			builder.add(request, 'FilterExpression', filter(random, builder));
	}
	common(random, request, builder, legacy);
	if (random.chance(0.4))
		request.ScanIndexForward = random.chance(0.5);
	if (request.ExclusiveStartKey && random.chance(0.8)) {
		const partition = legacy ? request.KeyConditions[index.p]?.AttributeValueList?.[0] :
			builder.values[Object.keys(builder.values)[0]];
		if (partition && index.p in request.ExclusiveStartKey)
			request.ExclusiveStartKey[index.p] = partition;
	}
	builder.finish(request);
	return [{op: 'Query', request: random.chance(0.07) ? mutate(random, request) : request}];
}

export function scanCase(random) {
	const request = {TableName: random.chance(0.1) ? 'DiffEmpty' : 'DiffRead'};
	const builder = new Builder(random);
	if (request.TableName === 'DiffRead')
		chooseIndex(random, request);
	const legacy = random.chance(0.2);
	if (legacy)
		request.ScanFilter = filterConditions(random);
	else if (random.chance(0.5))
		builder.add(request, 'FilterExpression', filter(random, builder));
	common(random, request, builder, legacy);
	delete request.ExclusiveStartKey;	// hash orders differ
	if (random.chance(0.1)) {
		request.TotalSegments = 1;
		request.Segment = 0;
	}
	if (random.chance(0.03))
		Object.assign(request, random.pick([{Segment: 1}, {TotalSegments: 2}, {Segment: 2, TotalSegments: 2},
			{Segment: -1, TotalSegments: 2}, {Segment: 0, TotalSegments: 0}, {Segment: 0, TotalSegments: 1000001}]));
	builder.finish(request);
	return [{op: 'Scan', request: random.chance(0.07) ? mutate(random, request) : request}];
}
