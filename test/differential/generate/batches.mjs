// batches.mjs: BatchGetItem, BatchWriteItem, TransactGetItems,
// TransactWriteItems, on items of their own.

import {Builder} from './expressions.mjs';
import {mutate} from './mutate.mjs';
import {addAttributesToGet} from './legacy.mjs';
import {badKey, badValue, body, key} from './values.mjs';

const tableNames = ['DiffHash', 'DiffIndexed', 'DiffNumber'];

// some keys; about half of them have items, which steps puts there
function place(random, unique, count, steps) {
	const places = [];
	for (let i = 0; i < count; i++) {
		const tableName = random.pick(tableNames);
		const itemKey = key(random, tableName, unique * 200 + i);
		places.push({tableName, key: itemKey});
		if (random.chance(0.7))
			steps.push({op: 'PutItem', request: {TableName: tableName, Item: {...itemKey, ...body(random, tableName)}}});
	}
	return places;
}

function look(places) {
	return places.slice(0, 6).map(p => ({op: 'GetItem', request: {TableName: p.tableName, Key: p.key, ConsistentRead: true}}));
}

function spoil(random, places) {
	const list = [...places];
	if (random.chance(0.05) && list.length)
		list.push(list[0]);
	if (random.chance(0.05) && list.length) {
		const at = random.int(0, list.length - 1);
		list[at] = {...list[at], key: badKey(random, list[at].tableName, list[at].key)};
	}
	if (random.chance(0.03) && list.length)
		list[0] = {...list[0], tableName: 'NoSuchTable'};
	return list;
}

function capacity(random, request) {
	if (random.chance(0.4))
		request.ReturnConsumedCapacity = random.pick(['TOTAL', 'INDEXES', 'NONE']);
	if (random.chance(0.05))
		request.ReturnItemCollectionMetrics = 'SIZE';
}

export function batchGetCase(random, unique) {
	const steps = [];
	const places = place(random, unique, random.int(1, 6), steps);
	const request = {RequestItems: {}};
	for (const p of spoil(random, places)) {
		const entry = request.RequestItems[p.tableName] ??= {Keys: []};
		entry.Keys.push(p.key);
	}
	for (const entry of Object.values(request.RequestItems)) {
		const builder = new Builder(random);
		if (random.chance(0.3))
			entry.ConsistentRead = random.chance(0.7);
		if (random.chance(0.3))
			builder.add(entry, 'ProjectionExpression', builder.projection());
		if (random.chance(0.05))
			addAttributesToGet(random, entry);
		builder.finish(entry);
		delete entry.ExpressionAttributeValues;
		if (random.chance(0.02))
			entry.Keys = random.chance(0.5) ? [] : Array.from({length: random.pick([100, 101])}, (_, i) => ({pk: {S: `many${i}`}}));
	}
	capacity(random, request);
	delete request.ReturnItemCollectionMetrics;
	if (random.chance(0.02))
		request.RequestItems = random.pick([{}, {NoSuchTable: {Keys: [{pk: {S: 'x'}}]}}, {ab: {Keys: [{pk: {S: 'x'}}]}}]);
	steps.push({op: 'BatchGetItem', request: random.chance(0.08) ? mutate(random, request) : request});
	return steps;
}

export function batchWriteCase(random, unique) {
	const steps = [];
	const places = place(random, unique, random.int(1, 6), steps);
	const request = {RequestItems: {}};
	for (const p of spoil(random, places)) {
		const list = request.RequestItems[p.tableName] ??= [];
		const write = random.chance(0.6) ?
			{PutRequest: {Item: {...p.key, ...body(random, p.tableName)}}} : {DeleteRequest: {Key: p.key}};
		if (write.PutRequest && random.chance(0.05))
			write.PutRequest.Item.a = random.chance(0.3) ? {S: 'x'.repeat(410000)} : badValue(random);
		if (random.chance(0.02))
			Object.assign(write, random.pick([{DeleteRequest: {Key: p.key}}, {PutRequest: {}}, {Other: 1}]));
		list.push(random.chance(0.01) ? {} : write);
	}
	if (random.chance(0.03))
		request.RequestItems.DiffHash = Array.from({length: random.pick([0, 25, 26])}, (_, i) => ({DeleteRequest: {Key: {pk: {S: `many${i}`}}}}));
	if (random.chance(0.02))
		request.RequestItems = {};
	capacity(random, request);
	steps.push({op: 'BatchWriteItem', request: random.chance(0.08) ? mutate(random, request) : request}, ...look(places));
	return steps;
}

export function transactGetCase(random, unique) {
	const steps = [];
	const places = place(random, unique, random.int(1, 5), steps);
	const request = {TransactItems: spoil(random, places).map(p => {
		const get = {TableName: p.tableName, Key: p.key};
		const builder = new Builder(random);
		if (random.chance(0.3))
			builder.add(get, 'ProjectionExpression', builder.projection());
		builder.finish(get);
		delete get.ExpressionAttributeValues;
		return random.chance(0.01) ? {} : {Get: get};
	})};
	if (random.chance(0.02))
		request.TransactItems = random.chance(0.5) ? [] :
			Array.from({length: random.pick([100, 101])}, (_, i) => ({Get: {TableName: 'DiffHash', Key: {pk: {S: `many${i}`}}}}));
	capacity(random, request);
	delete request.ReturnItemCollectionMetrics;
	steps.push({op: 'TransactGetItems', request: random.chance(0.08) ? mutate(random, request) : request});
	return steps;
}

function transactWrite(random, p) {
	const builder = new Builder(random);
	const request = {TableName: p.tableName};
	const kind = random.pick(['Put', 'Update', 'Delete', 'ConditionCheck']);
	if (kind === 'Put') {
		request.Item = {...p.key, ...body(random, p.tableName)};
		if (random.chance(0.05))
			request.Item.a = badValue(random);
	} else
		request.Key = p.key;
	if (kind === 'Update')
		builder.add(request, 'UpdateExpression', builder.update());
	if (kind === 'ConditionCheck' || random.chance(0.4))
		builder.add(request, 'ConditionExpression', random.chance(0.5) ? 'attribute_exists(pk)' : builder.condition());
	if (random.chance(0.4))
		request.ReturnValuesOnConditionCheckFailure = random.pick(['ALL_OLD', 'NONE']);
	builder.finish(request);
	return {[kind]: request};
}

export function transactWriteCase(random, unique) {
	const steps = [];
	const places = place(random, unique, random.int(1, 5), steps);
	const request = {TransactItems: spoil(random, places).map(p => transactWrite(random, p))};
	if (random.chance(0.02))
		request.TransactItems.push(random.pick([{}, {Put: {}}, {...transactWrite(random, places[0]), ...transactWrite(random, places[0])}]));
	if (random.chance(0.02))
		request.TransactItems = random.chance(0.5) ? [] : Array.from({length: random.pick([100, 101])},
			(_, i) => ({Delete: {TableName: 'DiffHash', Key: {pk: {S: `many${i}`}}}}));
	capacity(random, request);
	if (random.chance(0.2))
		request.ClientRequestToken = random.chance(0.1) ? random.pick(['', 'x'.repeat(37)]) : {tokenOf: unique};
	const last = {op: 'TransactWriteItems', request: random.chance(0.08) ? mutate(random, request) : request};
	steps.push(last);
	if (request.ClientRequestToken) {
		const again = structuredClone(last);
		if (random.chance(0.3))
			again.request.TransactItems = [transactWrite(random, places[0])];
		steps.push(again);
	}
	steps.push(...look(places));
	return steps;
}
