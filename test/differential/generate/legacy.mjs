// legacy.mjs: the parameters of before expressions.

import {value, badValue} from './values.mjs';

const names = ['a', 'b', 'n', 's', 'm', 'l', 'ss', 'ns', 'gone'];
const operators = ['EQ', 'NE', 'IN', 'LE', 'LT', 'GE', 'GT', 'BETWEEN', 'NOT_NULL', 'NULL', 'CONTAINS',
	'NOT_CONTAINS', 'BEGINS_WITH'];
const operands = {NULL: [0, 0], NOT_NULL: [0, 0], BETWEEN: [2, 2], IN: [1, 3]};

function operand(random) {
	if (random.chance(0.03))
		return badValue(random);
	return random.chance(0.6) ? random.pick([{N: '1'}, {N: '3'}, {S: 'a'}, {S: 'x'}, {B: 'AA=='}]) : value(random);
}

// ComparisonOperator and AttributeValueList, mostly of the right length
export function comparison(random) {
	const op = random.chance(0.01) ? 'LIKE' : random.pick(operators);
	const [low, high] = random.chance(0.05) ? [0, 3] : operands[op] ?? [1, 1];
	const result = {ComparisonOperator: op};
	const list = random.times(low, high, () => operand(random));
	if (list.length || random.chance(0.1))
		result.AttributeValueList = list;
	return result;
}

function expected(random) {
	const map = {};
	for (const name of random.shuffle(names).slice(0, random.int(1, 3)))
		map[name] = random.weighted([
			[4, () => comparison(random)],
			[2, () => ({Value: operand(random)})],
			[1, () => ({Exists: false})],
			[1, () => ({Exists: true, Value: operand(random)})],
			[0.3, () => random.pick([{}, {Exists: true}, {Exists: false, Value: {S: 'x'}},
				{Value: {S: 'x'}, ComparisonOperator: 'EQ'}, {Value: {S: 'x'}, ...comparison(random)},
				{AttributeValueList: [{S: 'x'}]}])],
		]);
	return map;
}

function attributeUpdates(random) {
	const map = {};
	for (const name of random.shuffle([...names, 'ss', 'ns', 'n']).slice(0, random.int(1, 3)))
		map[name] = random.weighted([
			[3, () => ({Value: operand(random)})],
			[2, () => ({Action: 'PUT', Value: operand(random)})],
			[2, () => ({Action: 'DELETE'})],
			[2, () => ({Action: 'DELETE', Value: random.pick([{SS: ['a']}, {NS: ['1']}, operand(random)])})],
			[2, () => ({Action: 'ADD', Value: random.pick([{N: '1'}, {SS: ['q']}, {L: [{S: 'x'}]}, operand(random)])})],
			[0.3, () => random.pick([{}, {Action: 'PUT'}, {Action: 'ADD'}, {Action: 'SET', Value: {S: 'x'}}])],
		]);
	if (random.chance(0.03))
		map.pk = {Value: {S: 'x'}};
	return map;
}

export function addConditionalOperator(random, request, likely) {
	if (random.chance(likely))
		request.ConditionalOperator = random.pick(['AND', 'OR']);
}

export function addLegacyWrite(random, request, kind) {
	if (kind === 'update')
		request.AttributeUpdates = attributeUpdates(random);
	if (kind !== 'update' || random.chance(0.4))
		request.Expected = expected(random);
	addConditionalOperator(random, request, request.Expected ? 0.3 : 0.03);
	if (random.chance(0.03))
		request.ConditionExpression = 'attribute_exists(a)';
}

export function addAttributesToGet(random, request) {
	request.AttributesToGet = random.chance(0.05) ? random.pick([[], ['a', 'a'], [''], ['pk', null]]) :
		random.shuffle([...names, 'pk']).slice(0, random.int(1, 3));
}

export function filterConditions(random) {
	const map = {};
	for (const name of random.shuffle(['a', 'b', 'c', 'gone']).slice(0, random.int(1, 2)))
		map[name] = comparison(random);
	return map;
}

// KeyConditions on partition key p and sort key s of given types
export function keyConditions(random, p, s) {
	const map = {[p.name]: {ComparisonOperator: random.chance(0.04) ? random.pick(operators) : 'EQ', AttributeValueList: [p.value]}};
	if (s && random.chance(0.6)) {
		const op = random.chance(0.05) ? random.pick(operators) :
			random.pick(['EQ', 'LE', 'LT', 'GE', 'GT', 'BETWEEN', 'BEGINS_WITH']);
		map[s.name] = {ComparisonOperator: op,
			AttributeValueList: op === 'BETWEEN' ? [s.value, s.other] : [s.value]};
	}
	if (random.chance(0.03))
		map.a = comparison(random);
	if (random.chance(0.02))
		delete map[p.name];
	return map;
}
