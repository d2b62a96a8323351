// compare.mjs: what counts as the same answer, and how differences are named.

const sets = new Set(['SS', 'NS', 'BS']);
const unordered = new Set(['AttributeDefinitions', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes', 'Tags',
	'UnprocessedItems', 'NonKeyAttributes']);
const anyValue = new Set(['TableArn', 'TableId', 'IndexArn', 'CreationDateTime', 'LastIncreaseDateTime',
	'LastDecreaseDateTime', 'LastUpdateToPayPerRequestDateTime', 'LatestStreamArn', 'LatestStreamLabel',
	'TableSizeBytes', 'IndexSizeBytes', 'ItemCount']);

function byText(list) {
	return list.map(x => JSON.stringify(x)).sort().map(x => JSON.parse(x));
}

// normal gives value with object members in order, sets and unordered lists
// sorted, and what may be anything reduced to its type.
function normal(value, name) {
	if (Array.isArray(value)) {
		const list = value.map(x => normal(x));
		return sets.has(name) || unordered.has(name) ? byText(list) : list;
	}
	if (value !== null && typeof value === 'object') {
		const result = {};
		for (const key of Object.keys(value).sort())
			result[key] = anyValue.has(key) ? `<${typeof value[key]}>` : normal(value[key], key);
		return result;
	}
	return value;
}

// normalAnswer prepares a successful answer: the order of some lists is the
// implementation's own affair.
function normalAnswer(op, request, body) {
	const result = normal(body);
	if (op === 'Scan' && Array.isArray(result.Items)) {
		if (request.Limit) {
			// which items come first depends on the hash
			delete result.Items;
			delete result.Count;
			delete result.LastEvaluatedKey;
			delete result.ConsumedCapacity;
		} else
			result.Items = byText(result.Items);
	}
	// a scan's order is the hash's own, and a token's text is the implementation's
	if (op === 'ExecuteStatement' && Array.isArray(result.Items) && !request.Limit && !/ORDER BY/.test(request.Statement))
		result.Items = byText(result.Items);
	if (typeof result.NextToken === 'string')
		result.NextToken = '<string>';
	for (const table of Object.keys(result.Responses ?? {}))
		if (Array.isArray(result.Responses[table]))
			result.Responses[table] = byText(result.Responses[table]);
	if (op === 'BatchGetItem' || op === 'BatchWriteItem' || op.startsWith('Transact'))
		if (Array.isArray(result.ConsumedCapacity))
			result.ConsumedCapacity = byText(result.ConsumedCapacity);
	return result;
}

// template takes what is particular to a request out of a message.
export function template(message) {
	return (message ?? 'no message')
		.replace(/(; )?Value (.*?) at '(.*?)' failed to satisfy constraint: /g, '$1Value … at $3: ')
		.replace(/"(?:[^"]|"(?=\w))*"/g, '"…"')
		.replace(/'[^']*'/g, "'…'")
		.replace(/\d+/g, '#')
		.slice(0, 300);
}

function normalMessage(message) {
	const match = /^(\d+ validation errors? detected: )(.*)$/s.exec(message ?? '');
	return match ? match[1] + match[2].split(/; (?=Value )/).sort().join('; ') : message;
}

// paths lists where two normal values differ.
function paths(a, b, at = '', list = []) {
	if (list.length > 4 || JSON.stringify(a) === JSON.stringify(b))
		return list;
	const objects = [a, b].every(x => x !== null && typeof x === 'object' && !Array.isArray(x));
	if (objects) {
		for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
			const step = /^(Responses|Item|Attributes|Items|Table|TableDescription|ConsumedCapacity|CancellationReasons)$/.test(key) ||
				!/Item$|Attributes$/.test(at) ? `${at}.${key}` : `${at}.*`;
			if (!(key in a))
				list.push(`${step} only there`);
			else if (!(key in b))
				list.push(`${step} only here`);
			else
				paths(a[key], b[key], step, list);
		}
	} else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
		a.forEach((x, i) => paths(x, b[i], `${at}[]`, list));
	else
		list.push(Array.isArray(a) && Array.isArray(b) ? `${at} length` : `${at} value`);
	return list;
}

function signature(answer) {
	return answer.status === 200 ? 'answers' : `${answer.type}: ${template(normalMessage(answer.message))}`;
}

// compare gives null, or {ours, theirs, words}: the two sides of a kind of
// difference, and whether only the message differs.
export function compare(op, request, ours, theirs) {
	if (ours.status === 200 && theirs.status === 200) {
		const list = paths(normalAnswer(op, request, ours.body), normalAnswer(op, request, theirs.body));
		return list.length ? {ours: 'answers', theirs: `answers: ${[...new Set(list)].sort().join(', ')}`} : null;
	}
	if (ours.status === theirs.status && ours.type === theirs.type &&
		normalMessage(ours.message) === normalMessage(theirs.message)) {
		const list = paths(normal(ours.body), normal(theirs.body));
		return list.length ? {ours: signature(ours), theirs: `the same: ${[...new Set(list)].sort().join(', ')}`} : null;
	}
	const kind = {ours: signature(ours), theirs: signature(theirs)};
	if (kind.ours === kind.theirs)
		kind.theirs = `the same but for details`;
	kind.words = ours.status === theirs.status && ours.type === theirs.type;
	return kind;
}

// A reviewed difference accepts kinds of one target (or any) by a pattern on
// both sides, "ours\ntheirs".
export class Reviewed {
	constructor(list) {
		this.list = list.map(entry => ({...entry, regexp: new RegExp(entry.pattern, 's'), used: 0}));
	}

	find(target, op, kind) {
		const sides = `${kind.ours}\n${kind.theirs}`;
		const entry = this.list.find(e => (!e.target || e.target === target) && (!e.ops || e.ops.includes(op)) &&
			e.regexp.test(sides));
		if (entry)
			entry.used++;
		return entry;
	}
}
