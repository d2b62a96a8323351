// values.mjs: attribute values, keys and items, good and bad.

import {keyTypes, indexKeyTypes} from '../tables.mjs';

export const strings = ['a', 'b', 'ab', 'abc', 'x', 'é', 'ß', '𝄞', 'Hello, world', ' ', 'a'.repeat(300)];
export const numbers = ['0', '1', '-1', '2', '10', '1.5', '-0', '+3', '1e2', '1E-5', '1.50', '007',
	'.5', '5.', '12345678901234567890123456789012345678', '1e125', '1e-130',
	'9.9999999999999999999999999999999999999E+125', '-1e-130', '0e500', '0.1'];
const binaries = ['AA==', 'AAE=', '/+8=', 'Zm9vYmFy'];
const badNumbers = ['', 'abc', '1e126', '1e-131', '123456789012345678901234567890123456789', '1 ', ' 1',
	'--1', '1e', 'NaN', 'Infinity', '0x10', '1_000', '1,5', '+', '.', '1e1000000000000'];
const badBinaries = ['AA=', 'A', 'AA', '====', 'A===', 'AAAA=', '-_8=', 'AA==AA==', '  ', 'é'];
const names = ['a', 'b', 'c', 'd', 'n', 's', 'm', 'l', 'ss', 'ns', 'bs'];

function distinct(random, pool, low, high) {
	return random.shuffle(pool).slice(0, random.int(low, high));
}

// a valid attribute value
export function value(random, depth = 0) {
	return random.weighted([
		[4, () => ({S: random.pick(strings)})],
		[0.1, () => random.pick([{S: ''}, {B: ''}, {SS: ['', 'a']}, {BS: ['', 'AA==']}])],
		[4, () => ({N: random.pick(numbers)})],
		[1, () => ({B: random.pick(binaries)})],
		[1, () => ({BOOL: random.chance(0.5)})],
		[1, () => ({NULL: true})],
		[1, () => ({SS: distinct(random, strings, 1, 3)})],
		[1, () => ({NS: distinct(random, ['0', '1', '2', '3.5', '-4', '1e10'], 1, 3)})],
		[1, () => ({BS: distinct(random, binaries, 1, 3)})],
		[depth < 3 ? 1.5 : 0, () => ({L: random.times(0, 3, () => value(random, depth + 1))})],
		[depth < 3 ? 1.5 : 0, () => ({M: attributes(random, depth + 1)})],
	]);
}

function attributes(random, depth) {
	const map = {};
	for (const name of distinct(random, names, 0, 3))
		map[name] = value(random, depth);
	return map;
}

function nested(levels) {
	let v = {S: 'x'};
	for (let i = 0; i < levels; i++)
		v = i % 2 ? {L: [v]} : {M: {k: v}};
	return v;
}

// an attribute value that something is wrong with
export function badValue(random) {
	return random.weighted([
		[4, () => ({N: random.pick(badNumbers)})],
		[2, () => ({B: random.pick(badBinaries)})],
		[1, () => ({SS: []})],
		[1, () => ({NS: []})],
		[1, () => ({BS: []})],
		[1, () => ({SS: ['a', 'b', 'a']})],
		[1, () => ({NS: ['1', '2', '1.0']})],
		[1, () => ({BS: ['AA==', 'AA==']})],
		[1, () => ({NS: ['1', random.pick(badNumbers)]})],
		[1, () => ({NULL: false})],
		[1, () => ({})],
		[1, () => ({X: 'a'})],
		[1, () => ({S: 'a', N: '1'})],
		[1, () => ({S: null})],
		[1, () => ({S: null, N: '1'})],
		[1, () => ({S: random.pick([1, true, [], {}, ['a']])})],
		[1, () => ({N: random.pick([1, false, [], {}, null])})],
		[1, () => ({B: random.pick([1, true, [], {}])})],
		[1, () => ({BOOL: random.pick([1, 'true', 'x', [], {}])})],
		[1, () => ({NULL: random.pick([0, 'true', 'no', [], {}])})],
		[1, () => ({L: random.pick([1, 'a', true, {}, [1], ['a'], [null], [{}], [{N: 'x'}]])})],
		[1, () => ({M: random.pick([1, 'a', true, [], {a: 1}, {a: 'x'}, {a: null}, {a: {}}, {a: {N: 'x'}}])})],
		[1, () => ({SS: random.pick([1, 'a', {}, [1], [null], ['a', null], [[]]])})],
		[1, () => random.pick([1, 'a', true, [], null])],
		[1, () => nested(random.int(30, 34))],
	]);
}

export function keyValue(random, type, unique) {
	if (type === 'S')
		return {S: unique ? `k${unique}` : random.pick(['a', 'b', 'é'])};
	if (type === 'N')
		return {N: unique ? String(unique) : random.pick(['0', '1', '2.5', '-1'])};
	return {B: Buffer.from(unique ? `k${unique}` : random.pick(['a', 'b'])).toString('base64')};
}

// a valid key of a table; its partition key is unique
export function key(random, tableName, unique) {
	const result = {};
	let first = true;
	for (const [name, type] of Object.entries(keyTypes[tableName] ?? {pk: 'S'})) {
		result[name] = keyValue(random, type, first ? unique : 0);
		first = false;
	}
	return result;
}

// a key that something is wrong with
export function badKey(random, tableName, good) {
	const key = {...good};
	const name = random.pick(Object.keys(key));
	random.weighted([
		[1, () => delete key[name]],
		[1, () => { key.extra = {S: 'x'}; }],
		[2, () => { key[name] = value(random); }],
		[1, () => { key[name] = badValue(random); }],
		[1, () => { key[name] = {S: ''}; }],
		[1, () => { key[name] = {B: ''}; }],
		[1, () => { key[name] = {S: 'x'.repeat(random.pick([1024, 1025, 2048, 2049]))}; }],
		[1, () => { for (const k of Object.keys(key)) delete key[k]; }],
		[1, () => { key.other = key[name]; delete key[name]; }],
	]);
	return key;
}

// the attributes of an item, without its key
export function body(random, tableName) {
	const item = {};
	const typed = {n: {N: String(random.int(-5, 5))}, s: {S: random.pick(strings)},
		m: {M: {a: {N: '1'}, b: {S: 'x'}, l: {L: [{N: '1'}, {M: {z: {S: 'deep'}}}]}}},
		l: {L: [{N: '1'}, {S: 'two'}, {M: {a: {N: '3'}}}]}, ss: {SS: ['a', 'b', 'c']},
		ns: {NS: ['1', '2', '3']}, bs: {BS: ['AA==', 'AAE=']}};
	for (const [name, v] of Object.entries(typed)) {
		if (random.chance(0.5))
			item[name] = v;
	}
	for (const name of ['a', 'b', 'c', 'd']) {
		if (random.chance(0.4))
			item[name] = value(random);
	}
	for (const [name, type] of Object.entries(indexKeyTypes[tableName] ?? {})) {
		if (random.chance(0.6))
			item[name] = keyValue(random, type, 0);
	}
	return item;
}
