// items.mjs: GetItem, PutItem, UpdateItem, DeleteItem.  Every case has an item
// (or none) of its own under a new key, one request, and a look at what is
// there then, so one difference does not lead to others.

import {Builder} from './expressions.mjs';
import {mutate} from './mutate.mjs';
import {value, badValue, key, badKey, body} from './values.mjs';
import {addLegacyWrite, addAttributesToGet} from './legacy.mjs';

const tableNames = ['DiffHash', 'DiffHash', 'DiffIndexed', 'DiffIndexed', 'DiffNumber', 'DiffBinary'];

function common(random, request, write) {
	if (random.chance(0.3))
		request.ReturnConsumedCapacity = random.pick(['TOTAL', 'INDEXES', 'NONE']);
	if (!write)
		return;
	if (random.chance(0.1))
		request.ReturnItemCollectionMetrics = random.pick(['SIZE', 'NONE']);
	if (random.chance(0.15))
		request.ReturnValuesOnConditionCheckFailure = random.pick(['ALL_OLD', 'NONE']);
}

function get(random, tableName, key) {
	const request = {TableName: tableName, Key: key};
	const builder = new Builder(random);
	common(random, request, false);
	if (random.chance(0.5))
		request.ConsistentRead = random.chance(0.5);
	if (random.chance(0.1))
		addAttributesToGet(random, request);
	if (random.chance(0.5))
		builder.add(request, 'ProjectionExpression', builder.projection());
	builder.finish(request);
	delete request.ExpressionAttributeValues;
	return request;
}

function put(random, tableName, key) {
	const request = {TableName: tableName, Item: {...key, ...body(random, tableName)}};
	const builder = new Builder(random);
	common(random, request, true);
	if (random.chance(0.3))
		request.ReturnValues = random.pick(['NONE', 'ALL_OLD', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD']);
	if (random.chance(0.15))
		request.Item[random.pick(['a', 'b', 'gp', 'gs', 'ls', 'pk', 'sk'])] = random.chance(0.5) ? badValue(random) : value(random);
	if (random.chance(0.02))
		request.Item.a = {S: 'x'.repeat(random.pick([409000, 409600, 500000]))};
	if (random.chance(0.15))
		addLegacyWrite(random, request, 'put');
	else if (random.chance(0.5))
		builder.add(request, 'ConditionExpression', builder.condition());
	builder.finish(request);
	return request;
}

function update(random, tableName, key) {
	const request = {TableName: tableName, Key: key};
	const builder = new Builder(random);
	common(random, request, true);
	if (random.chance(0.6))
		request.ReturnValues = random.pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW']);
	if (random.chance(0.15))
		addLegacyWrite(random, request, 'update');
	else {
		if (random.chance(0.95)) {
			let text = builder.update();
			if (random.chance(0.05))
				text = `SET ${random.pick(['pk', 'sk', 'gp', 'gs', 'ls', 'gb'])} = ${builder.value()}`;
			builder.add(request, 'UpdateExpression', text);
		}
		if (random.chance(0.25))
			builder.add(request, 'ConditionExpression', builder.condition());
	}
	builder.finish(request);
	return request;
}

function remove(random, tableName, key) {
	const request = {TableName: tableName, Key: key};
	const builder = new Builder(random);
	common(random, request, true);
	if (random.chance(0.5))
		request.ReturnValues = random.pick(['NONE', 'ALL_OLD', 'ALL_OLD', 'ALL_NEW', 'UPDATED_NEW']);
	if (random.chance(0.15))
		addLegacyWrite(random, request, 'delete');
	else if (random.chance(0.5))
		builder.add(request, 'ConditionExpression', builder.condition());
	builder.finish(request);
	return request;
}

const kinds = {GetItem: get, PutItem: put, UpdateItem: update, DeleteItem: remove};

export function itemCase(random, unique) {
	const tableName = random.pick(tableNames);
	const itemKey = key(random, tableName, unique);
	const op = random.pick(['GetItem', 'PutItem', 'UpdateItem', 'UpdateItem', 'DeleteItem']);
	const steps = [];

	if (random.chance(0.8))
		steps.push({op: 'PutItem', request: {TableName: tableName, Item: {...itemKey, ...body(random, tableName)}}});
	const used = random.chance(0.05) ? badKey(random, tableName, itemKey) : itemKey;
	let request = kinds[op](random, tableName, used);
	if (random.chance(0.1))
		request = mutate(random, request);
	steps.push({op, request});
	if (op !== 'GetItem')
		steps.push({op: 'GetItem', request: {TableName: tableName, Key: itemKey, ConsistentRead: true}});
	return steps;
}
