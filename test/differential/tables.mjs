// tables.mjs: the tables that every target gets before the requests start.

const throughput = {ReadCapacityUnits: 10, WriteCapacityUnits: 10};

function table(name, attributes, keys, rest = {}) {
	return {
		TableName: name,
		AttributeDefinitions: Object.entries(attributes)
			.map(([AttributeName, AttributeType]) => ({AttributeName, AttributeType})),
		KeySchema: schema(keys),
		BillingMode: 'PAY_PER_REQUEST',
		...rest,
	};
}

export function schema(keys) {
	return keys.map((AttributeName, i) => ({AttributeName, KeyType: i ? 'RANGE' : 'HASH'}));
}

export const definitions = [
	table('DiffHash', {pk: 'S'}, ['pk']),
	table('DiffNumber', {pk: 'N'}, ['pk']),
	table('DiffBinary', {pk: 'B', sk: 'B'}, ['pk', 'sk']),
	table('DiffIndexed', {pk: 'S', sk: 'N', ls: 'S', gp: 'S', gs: 'N', gb: 'B'}, ['pk', 'sk'], {
		LocalSecondaryIndexes: [
			{IndexName: 'byLs', KeySchema: schema(['pk', 'ls']),
				Projection: {ProjectionType: 'INCLUDE', NonKeyAttributes: ['a']}},
		],
		GlobalSecondaryIndexes: [
			{IndexName: 'byGp', KeySchema: schema(['gp', 'gs']), Projection: {ProjectionType: 'ALL'}},
			{IndexName: 'byGb', KeySchema: schema(['gb']), Projection: {ProjectionType: 'KEYS_ONLY'}},
			{IndexName: 'byGpInc', KeySchema: schema(['gp']),
				Projection: {ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'b']}},
		],
	}),
	// read by Query and Scan, never written after it was filled
	table('DiffRead', {pk: 'S', sk: 'N', ls: 'S', gp: 'S', gs: 'N'}, ['pk', 'sk'], {
		LocalSecondaryIndexes: [
			{IndexName: 'byLs', KeySchema: schema(['pk', 'ls']),
				Projection: {ProjectionType: 'KEYS_ONLY'}},
		],
		GlobalSecondaryIndexes: [
			{IndexName: 'byGp', KeySchema: schema(['gp', 'gs']), Projection: {ProjectionType: 'ALL'}},
			{IndexName: 'byGpInc', KeySchema: schema(['gp', 'gs']),
				Projection: {ProjectionType: 'INCLUDE', NonKeyAttributes: ['a']}},
		],
	}),
	table('DiffEmpty', {pk: 'S', sk: 'S'}, ['pk', 'sk']),
];

export const keyTypes = {
	DiffHash: {pk: 'S'},
	DiffNumber: {pk: 'N'},
	DiffBinary: {pk: 'B', sk: 'B'},
	DiffIndexed: {pk: 'S', sk: 'N'},
	DiffRead: {pk: 'S', sk: 'N'},
	DiffEmpty: {pk: 'S', sk: 'S'},
};

// key attributes of the indexes, with their types
export const indexKeyTypes = {
	DiffIndexed: {ls: 'S', gp: 'S', gs: 'N', gb: 'B'},
	DiffRead: {ls: 'S', gp: 'S', gs: 'N'},
};

// The items of DiffRead: 4 item collections, sparse index keys.
export function readItems(random) {
	const items = [];
	for (const pk of ['p', 'q', 'r', 'ß']) {
		for (let n = -3; n < 9; n++) {
			const item = {pk: {S: pk}, sk: {N: String(n / (pk === 'q' ? 2 : 1))}};
			if (random.chance(0.7))
				item.ls = {S: random.pick(['x', 'xy', 'y', 'é']) + (n + 3)};	// no ties: their order is free
			if (random.chance(0.7))
				item.gp = {S: random.pick(['g', 'h'])};
			if (random.chance(0.8))
				item.gs = {N: String(n * 10 + items.length / 1000)};
			if (random.chance(0.6))
				item.a = {N: String(random.int(0, 5))};
			if (random.chance(0.6))
				item.b = {S: random.pick(['x', 'y', 'z'.repeat(200)])};
			if (random.chance(0.4))
				item.c = {M: {d: {L: [{S: 'e'}, {N: '1'}]}}};
			items.push(item);
		}
	}
	return items;
}

export const provisioned = {ProvisionedThroughput: throughput};
