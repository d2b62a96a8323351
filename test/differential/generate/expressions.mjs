// expressions.mjs: condition, update and projection expressions with their
// names and values; most are valid, some are broken by a slip of a token.

import {value, badValue} from './values.mjs';

const topNames = ['a', 'b', 'c', 'd', 'n', 's', 'm', 'l', 'ss', 'ns', 'bs', 'gone'];
const reserved = ['name', 'size', 'Status', 'add', 'values'];

// Builder collects the placeholders of one request.
export class Builder {
	constructor(random) {
		this.random = random;
		this.names = {};
		this.values = {};
		this.count = 0;
	}

	name(name) {
		const random = this.random;
		if (random.chance(0.02))
			return random.pick(reserved);
		if (!random.chance(0.2))
			return name;
		const ref = `#${name}${random.chance(0.3) ? this.count++ : ''}`;
		this.names[ref] = name;
		return ref;
	}

	path(depth = 0) {
		const random = this.random;
		let text = this.name(random.pick(topNames));
		while (random.chance(0.25) && depth++ < 4)
			text += random.chance(0.5) ? `.${this.name(random.pick(['a', 'b', 'l', 'z']))}` : `[${random.int(0, 3)}]`;
		return text;
	}

	value(v) {
		const random = this.random;
		const ref = `:v${this.count++}`;
		this.values[ref] = v ?? (random.chance(0.02) ? badValue(random) : value(random));
		return ref;
	}

	scalar() {
		const random = this.random;
		return this.value(random.pick([{N: String(random.int(-3, 5))}, {S: random.pick(['a', 'x', 'ab'])},
			{B: 'AA=='}]));
	}

	operand() {
		const random = this.random;
		return random.weighted([
			[5, () => this.path()],
			[4, () => this.scalar()],
			[2, () => this.value()],
			[1, () => `size(${this.path()})`],
			[0.2, () => `(${this.path()})`],
		]);
	}

	// a condition that is made of no others
	term() {
		const random = this.random;
		return random.weighted([
			[5, () => `${this.operand()} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${this.operand()}`],
			[1, () => `${this.path()} BETWEEN ${this.scalar()} AND ${this.scalar()}`],
			[1, () => `${this.path()} IN (${random.times(1, 3, () => this.operand()).join(', ')})`],
			[2, () => `attribute_exists(${this.path()})`],
			[2, () => `attribute_not_exists(${this.path()})`],
			[1, () => `attribute_type(${this.path()}, ${this.value(random.pick([{S: 'S'}, {S: 'N'}, {S: 'L'}, {S: 'SS'},
				{S: 'NULL'}, {S: 'x'}, {N: '1'}]))})`],
			[1, () => `begins_with(${this.operand()}, ${this.operand()})`],
			[1, () => `contains(${this.operand()}, ${this.operand()})`],
			[0.3, () => random.pick([`foo(${this.path()})`, `attribute_exists(${this.value()})`,
				`size(${this.path()})`, `begins_with(${this.path()})`, `contains(a, a)`, 'a = a',
				`attribute_exists(${this.path()}, ${this.path()})`, `size(size(a)) = ${this.scalar()}`,
				`size(${this.value()}) > ${this.scalar()}`, `${this.value({N: '5'})} BETWEEN ${this.value({N: '9'})} AND ${this.value({N: '1'})}`,
				`a BETWEEN ${this.value({N: '9'})} AND ${this.value({N: '1'})}`,
				`a BETWEEN ${this.value({N: '9'})} AND ${this.value({S: '1'})}`])],
		]);
	}

	condition(depth = 0) {
		const random = this.random;
		if (depth > 3)
			return this.term();
		return random.weighted([
			[6, () => this.term()],
			[1, () => `${this.condition(depth + 1)} AND ${this.condition(depth + 1)}`],
			[1, () => `${this.condition(depth + 1)} OR ${this.condition(depth + 1)}`],
			[1, () => `NOT ${this.condition(depth + 1)}`],
			[1, () => `(${this.condition(depth + 1)})`],
		]);
	}

	setValue() {
		const random = this.random;
		return random.weighted([
			[5, () => this.value()],
			[2, () => this.path()],
			[2, () => `${this.path()} ${random.pick(['+', '-'])} ${this.value({N: random.pick(['1', '2.5', '-3', '9e125'])})}`],
			[1, () => `${this.path()} + ${this.value()}`],
			[2, () => `if_not_exists(${this.path()}, ${random.chance(0.7) ? this.value() : this.path()})`],
			[1.5, () => `list_append(${random.pick([this.path(), 'l', this.value({L: [{S: 'new'}]})])}, ${random.chance(0.7) ? this.value({L: [{N: '7'}]}) : this.path()})`],
			[0.5, () => `if_not_exists(n, ${this.value({N: '0'})}) + ${this.value({N: '1'})}`],
			[0.2, () => random.pick([`foo(${this.path()})`, `size(${this.path()})`, `list_append(${this.path()})`,
				`if_not_exists(${this.value()}, ${this.path()})`, `${this.value({N: '1'})} + ${this.value({N: '1'})}`,
				`${this.path()} * ${this.value({N: '1'})}`])],
		]);
	}

	update() {
		const random = this.random;
		const clauses = [];
		if (random.chance(0.7))
			clauses.push(`SET ${random.times(1, 3, () => `${this.path()} = ${this.setValue()}`).join(', ')}`);
		if (random.chance(0.3))
			clauses.push(`REMOVE ${random.times(1, 3, () => this.path()).join(', ')}`);
		if (random.chance(0.3))
			clauses.push(`ADD ${random.pick([this.path(), 'n', 'ss', 'ns'])} ${this.value(random.pick([{N: '1'}, {N: '-2.5'}, {SS: ['z', 'a']},
				{NS: ['9', '1']}, {BS: ['AAE=', 'Zg==']}, undefined]))}`);
		if (random.chance(0.25))
			clauses.push(`DELETE ${random.pick([this.path(), 'ss', 'ns', 'bs'])} ${this.value(random.pick([{SS: ['a']}, {SS: ['a', 'b', 'c']},
				{NS: ['1', '5']}, {BS: ['AA==']}, undefined]))}`);
		if (!clauses.length)
			clauses.push(`SET a = ${this.value()}`);
		if (random.chance(0.03))
			clauses.push(random.pick(['SET', 'REMOVE', 'SET a = b', 'REMOVE a', '']));
		return random.shuffle(clauses).join(' ');
	}

	projection() {
		return this.random.times(1, 4, () => this.path()).join(', ');
	}

	// slip breaks an expression at one token
	slip(text) {
		const random = this.random;
		const tokens = text.split(/(\s+|[(),=<>.[\]])/).filter(t => t !== '');
		const at = random.int(0, tokens.length - 1);
		random.weighted([
			[2, () => tokens.splice(at, 1)],
			[1, () => tokens.splice(at, 0, tokens[at])],
			[1, () => tokens.splice(at, 0, random.pick(['(', ')', ',', '=', 'AND', 'NOT', '[', ']', '.', ' ', '#', ':', '@', '1', '-', 'SET', 'é', '""', '<>', '#1', ':1', '_a']))],
			[1, () => { tokens[at] = random.pick(['AND', 'a', ':v0', '(', '', '[1]', '[-1]', '[99999999999]', 'IN', 'BETWEEN']); }],
		]);
		return tokens.join('');
	}

	// add puts expression `text` into request[member], and sometimes breaks it
	add(request, member, text) {
		if (this.random.chance(0.06))
			text = this.slip(text);
		else if (this.random.chance(0.01))
			text = '';
		request[member] = text;
	}

	// finish puts the placeholders into the request, sometimes one too many or too few
	finish(request) {
		const random = this.random;
		if (random.chance(0.02))
			this.names['#unused'] = 'x';
		if (random.chance(0.02))
			this.values[':unused'] = {S: 'x'};
		if (random.chance(0.02))
			delete this.values[Object.keys(this.values)[0]];
		if (random.chance(0.02))
			delete this.names[Object.keys(this.names)[0]];
		if (random.chance(0.005))
			this.names[random.pick(['x', '#', '#a b', '#é', ''])] = 'x';
		if (random.chance(0.005))
			this.values[random.pick(['x', ':', ':a b', ''])] = {S: 'x'};
		if (random.chance(0.005))
			this.names['#n'] = random.pick(['', null, 1]);
		if (Object.keys(this.names).length || random.chance(0.01))
			request.ExpressionAttributeNames = this.names;
		if (Object.keys(this.values).length || random.chance(0.01))
			request.ExpressionAttributeValues = this.values;
	}
}
