// statements.mjs: PartiQL.  SELECTs of DiffRead, which nothing writes to, and of items of
// the case's own; writes with a look at what is there then; batches and transactions.
// Left out is what the peers don't know yet: ORDER BY, most functions, IS NULL.

const quote = text => `'${text.replaceAll("'", "''")}'`;

// literal writes an attribute value as a literal, or as a parameter where that is wanted.
function literal(value) {
	const [[type, inner]] = Object.entries(value);
	switch (type) {
		case 'S': return quote(inner);
		case 'N': return inner;
		case 'BOOL': return String(inner);
		case 'NULL': return 'null';
		case 'L': return `[${inner.map(literal).join(', ')}]`;
		case 'M': return `{${Object.entries(inner).map(([k, v]) => `${quote(k)}: ${literal(v)}`).join(', ')}}`;
		case 'SS': return `<<${inner.map(quote).join(', ')}>>`;
		default: return `<<${inner.join(', ')}>>`;
	}
}

class Statement {
	constructor(random) {
		this.random = random;
		this.parameters = [];
	}

	value(value) {
		if (!this.random.chance(0.4))
			return literal(value);
		this.parameters.push(value);
		return '?';
	}

	request(text) {
		return {Statement: text, ...(this.parameters.length ? {Parameters: this.parameters} : {})};
	}
}

function scalar(random) {
	return random.pick([{N: '1'}, {N: '2.50'}, {N: '-3'}, {S: 'x'}, {S: "it's"}, {S: 'z'}, {BOOL: true}, {NULL: true}]);
}

function any(random) {
	return random.weighted([
		[4, () => scalar(random)],
		[1, () => ({L: [{N: '1'}, {S: 'two'}]})],
		[1, () => ({M: {k: {N: '1'}, l: {L: []}}})],
		[1, () => ({SS: ['a', 'b']})],
		[1, () => ({NS: ['1', '2.5']})],
	]);
}

function condition(random, statement, depth = 0) {
	const path = () => random.pick(['a', 'b', 'c', 'c.d[0]', 'c.d[1]', 'gp', 'gs', 'gone']);
	return random.weighted([
		[4, () => `${path()} ${random.pick(['=', '<>', '!=', '<', '<=', '>', '>='])} ${statement.value(scalar(random))}`],
		[1, () => `${path()} = ${statement.value(any(random))}`],
		[1, () => `${path()} ${random.pick(['IS MISSING', 'IS NOT MISSING'])}`],
		[1, () => `${random.pick(['begins_with', 'contains'])}(${path()}, ${statement.value({S: random.pick(['x', 'z', 'g'])})})`],
		[1, () => `${path()} BETWEEN ${statement.value({N: '0'})} AND ${statement.value({N: '3'})}`],
		[1, () => `${path()} IN [${random.times(1, 4, () => statement.value(scalar(random))).join(', ')}]`],
		[depth < 2 ? 2 : 0, () => `(${condition(random, statement, depth + 1)} ${random.pick(['AND', 'OR'])} ${condition(random, statement, depth + 1)})`],
		[depth < 2 ? 1 : 0, () => `NOT ${condition(random, statement, depth + 1)}`],
	]);
}

const keys = {'': ['pk', 'sk', 'N'], byLs: ['pk', 'ls', 'S'], byGp: ['gp', 'gs', 'N']};

function keyClause(random, statement, [partition, sort, type]) {
	const p = () => statement.value({S: partition === 'pk' ? random.pick(['p', 'q', 'r', 'nobody']) : random.pick(['g', 'h'])});
	const s = () => statement.value(type === 'N' ? {N: random.pick(['-2', '0', '1', '3', '20'])} : {S: random.pick(['x', 'xy', 'y'])});
	const sorts = () => random.weighted([
		[3, () => `${sort} ${random.pick(['=', '<', '<=', '>', '>='])} ${s()}`],
		[1, () => `${sort} BETWEEN ${s()} AND ${s()}`],
		[type === 'S' ? 1 : 0, () => `begins_with(${sort}, ${s()})`],
		[0.5, () => `NOT ${sort} = ${s()}`],
		[0.5, () => `${sort} IN [${s()}, ${s()}]`],
	]);
	const one = () => {
		const parts = [random.chance(0.15) ? `${partition} IN [${p()}, ${p()}]` : `${partition} = ${p()}`];
		if (random.chance(0.6))
			parts.push(sorts());
		if (random.chance(0.3))
			parts.push(condition(random, statement));
		return random.shuffle(parts).join(' AND ');
	};
	return random.chance(0.1) ? `(${one()}) OR (${one()})` : one();
}

function select(random) {
	const statement = new Statement(random);
	const index = random.pick(['', '', '', 'byLs', 'byGp']);
	const columns = random.chance(0.5) ? '*' :
		random.shuffle(['pk', 'sk', 'a', 'b', 'c.d', 'c.d[0]', 'gone']).slice(0, random.int(1, 3)).join(', ');
	const keyed = random.chance(0.75);
	let text = `SELECT ${columns} FROM "DiffRead"${index ? `."${index}"` : ''}`;
	if (keyed)
		text += ` WHERE ${keyClause(random, statement, keys[index])}`;
	else if (random.chance(0.8))
		text += ` WHERE ${condition(random, statement)}`;
	const request = statement.request(text);
	if (keyed && !/ IN | OR /.test(text) && random.chance(0.3))
		request.Limit = random.int(1, 9);
	if (random.chance(0.2))
		request.ConsistentRead = random.chance(0.5);
	if (random.chance(0.2))
		request.ReturnConsumedCapacity = random.pick(['TOTAL', 'INDEXES']);
	return {op: 'ExecuteStatement', request};
}

function insert(random, pk) {
	const statement = new Statement(random);
	const item = {pk: {S: pk}, a: any(random), b: any(random)};
	return statement.request(`INSERT INTO "DiffHash" VALUE {${Object.entries(item).map(([k, v]) => `${quote(k)}: ${statement.value(v)}`).join(', ')}}`);
}

function write(random, pk) {
	const statement = new Statement(random);
	const action = () => random.weighted([
		[3, () => `SET ${random.pick(['a', 'b', 'n'])} = ${statement.value(any(random))}`],
		[1, () => `SET n = n ${random.pick(['+', '-'])} ${statement.value({N: '1'})}`],
		[1, () => `SET a = list_append(a, ${statement.value({L: [{N: '1'}]})})`],
		[1, () => `SET ${random.pick(['a', 'b'])} = ${random.pick(['b', 'a', 'gone'])}`],
		[1, () => { const p = random.pick(['a', 's']); return `SET ${p} = ${random.pick(['set_add', 'set_delete'])}(${p}, ${statement.value({SS: ['a']})})`; }],
		[1, () => `REMOVE ${random.pick(['a', 'b', 'a[0]', 'a.k'])}`],
	]);
	const update = random.chance(0.7);
	const actions = update ? ` ${random.times(1, 2, action).join(' ')}` : '';
	const where = [`pk = ${statement.value({S: pk})}`];
	if (random.chance(0.3))
		where.push(condition(random, statement));
	if (random.chance(0.05))
		where.shift();
	const returning = random.chance(0.5) ? ` RETURNING ${update ? random.pick(['ALL OLD', 'ALL NEW', 'MODIFIED OLD', 'MODIFIED NEW']) :
		random.pick(['ALL OLD', 'ALL OLD', 'ALL NEW'])} *` : '';
	return statement.request(`${update ? 'UPDATE' : 'DELETE FROM'} "DiffHash"${actions}${where.length ? ` WHERE ${where.join(' AND ')}` : ''}${returning}`);
}

const look = pk => ({op: 'GetItem', request: {TableName: 'DiffHash', Key: {pk: {S: pk}}}});

function malformed(random) {
	const texts = ['SELECT * FROM', 'SELECT * FROM "DiffRead" WHERE', 'SELEKT * FROM "DiffRead"', 'SELECT * FROM "DiffRead" WHERE pk = \'p\' AND', 'UPDATE "DiffHash" WHERE pk = \'p\'',
		'DELETE FROM WHERE pk = \'p\'', 'SELECT * FROM "DiffRead" WHERE a IS', 'SELECT COUNT(*) FROM "DiffRead"', 'SELECT * FROM ""',
		'SELECT * FROM "DiffRead"."none"', 'SELECT * FROM "NoSuchTable"', 'INSERT INTO "DiffRead"."byLs" VALUE {\'pk\': \'p\'}', 'EXISTS(SELECT * FROM "DiffRead" WHERE pk = \'p\')', 		'SELECT * FROM "DiffRead" WHERE a < true', 'INSERT INTO "DiffHash" VALUE {\'pk\': 1e126}', 'INSERT INTO "DiffHash" VALUE {\'pk\': <<>>}', 'SELECT * FROM "DiffRead" WHERE pk = 1', 'SELECT * FROM "DiffRead" WHERE pk = ?'];
	return {op: 'ExecuteStatement', request: {Statement: random.pick(texts)}};
}

export function statementCase(random, n) {
	const pk = `s${n}`;
	return random.weighted([
		[5, () => [select(random)]],
		[3, () => [{op: 'ExecuteStatement', request: insert(random, pk)}, {op: 'ExecuteStatement', request: random.chance(0.2) ? insert(random, pk) : write(random, pk)}, look(pk)]],
		[1, () => [{op: 'BatchExecuteStatement', request: {Statements: [insert(random, pk), insert(random, `${pk}b`), write(random, `${pk}c`)]}}, look(pk)]],
		[1, () => [{op: 'ExecuteTransaction', request: {TransactStatements: [insert(random, pk), write(random, `${pk}b`)]}}, look(pk)]],
		[1, () => [malformed(random)]],
	]);
}
