#!/usr/bin/env node
/*
 * The AWS SDK for JavaScript, version 3: client-dynamodb-streams.  A copy of a table
 * is kept from its stream alone, while the table is written and the server restarts.
 *
 * Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one;
 * it restarts that server, so it can't be another's.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { equal, ok, raises, run } from "./support/tap.mjs";

const here = dirname(fileURLToPath(import.meta.url));
if (process.env.DDB_ENDPOINT === undefined) {
	const { status } = spawnSync(join(here, "support/with-server"), [process.execPath, fileURLToPath(import.meta.url)],
		{ stdio: "inherit" });
	process.exit(status ?? 1);
}

const dynamodb = await import("@aws-sdk/client-dynamodb");
const api = await import("@aws-sdk/client-dynamodb-streams");
const { marshall, unmarshall } = await import("@aws-sdk/util-dynamodb");

const tables = new dynamodb.DynamoDBClient({ endpoint: process.env.DDB_ENDPOINT, maxAttempts: 1 });
const streams = new api.DynamoDBStreamsClient({ endpoint: process.env.DDB_ENDPOINT, maxAttempts: 1 });
const send = (name, request) => tables.send(new dynamodb[`${name}Command`](request));
const ask = (name, request) => streams.send(new api[`${name}Command`](request));

const TableName = "Copied";
const ITEMS = 30;
const WRITES = 900;
let arn;

/* Calls again while the server is not there; what the API itself refuses is an error. */
async function patiently(call)
{
	for (const end = Date.now() + 90000; ;) {
		try {
			return await call();
		}
		catch (error) {
			const server = error.$metadata?.httpStatusCode === undefined || error.$metadata.httpStatusCode >= 500;
			if (!server || Date.now() > end)
				throw error;
			await sleep(100);
		}
	}
}

function local(...parameters)
{
	const { status, stderr, stdout } = spawnSync(join(here, "../../bin/ddb-local"), parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
	if (status !== 0)
		throw new Error(`ddb-local ${parameters.join(" ")}: ${stderr}`);
	return stdout;
}

const sql = (command) => local("psql", "--data", process.env.DDB_DATA, "--", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command);

const describe = (more) => patiently(() => ask("DescribeStream", { StreamArn: arn, ...more })).then((answer) => answer.StreamDescription);

/* All shards, three a page. */
async function shards()
{
	const all = [];
	for (let start; ;) {
		const page = await describe({ Limit: 3, ExclusiveStartShardId: start });
		all.push(...page.Shards);
		start = page.LastEvaluatedShardId;
		if (start === undefined)
			return all;
	}
}

/** A stream, and what it is described with. */
async function begin()
{
	sql("ALTER SYSTEM SET ddb.stream_shard_duration = 1");
	sql("SELECT pg_reload_conf()");
	const { TableDescription: made } = await send("CreateTable", {
		TableName,
		BillingMode: "PAY_PER_REQUEST",
		KeySchema: [{ AttributeName: "id", KeyType: "HASH" }, { AttributeName: "part", KeyType: "RANGE" }],
		AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }, { AttributeName: "part", AttributeType: "N" }],
		StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
	});
	arn = made.LatestStreamArn;
	await dynamodb.waitUntilTableExists({ client: tables, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName });
	const { Streams } = await ask("ListStreams", { TableName });
	equal(Streams, [{ StreamArn: arn, TableName, StreamLabel: made.LatestStreamLabel }], "listed");
	for (const end = Date.now() + 30000; (await describe()).StreamStatus !== "ENABLED" && Date.now() < end;)
		await sleep(50);
	const described = await describe();
	equal(described.StreamStatus, "ENABLED", "ENABLED");
	ok(described.CreationRequestDateTime instanceof Date && Math.abs(Date.now() - described.CreationRequestDateTime) < 60000, "with a date");
	equal(described.KeySchema, [{ AttributeName: "id", KeyType: "HASH" }, { AttributeName: "part", KeyType: "RANGE" }], "and keys");
	await raises(api.ResourceNotFoundException, () => ask("DescribeStream", { StreamArn: `${arn}0` }), "another stream is not found");
	await raises(api.TrimmedDataAccessException, () => ask("GetShardIterator", {
		StreamArn: arn, ShardId: described.Shards[0].ShardId, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: `1${"0".repeat(29)}` }), "trimmed data");
	const refused = await raises(api.DynamoDBStreamsServiceException, () => ask("GetRecords", { ShardIterator: `${arn}|1|AAAA` }), "a forged iterator");
	equal(refused?.name, "ValidationException", "is a ValidationException");
}

/* Random puts, updates and deletes, each with a number that never comes again.  One that
 * is not answered is repeated, and changes nothing the second time. */
async function write(writer)
{
	for (let n = writer; n < WRITES; n += 3) {
		const Key = marshall({ id: `item ${Math.floor(Math.random() * ITEMS / 3) * 3 + writer}`, part: n % 2 });
		if (n % 5 === 4)
			await patiently(() => send("DeleteItem", { TableName, Key }));
		else if (n % 5 === 3)
			await patiently(() => send("UpdateItem", { TableName, Key, UpdateExpression: "SET n = :n, #l.#k = :n",
				ConditionExpression: "attribute_exists(#l)", ExpressionAttributeNames: { "#l": "list", "#k": "k" }, ExpressionAttributeValues: { ":n": { N: `${n}` } } })
				.catch((error) => { if (error.name !== "ConditionalCheckFailedException") throw error; }));
		else
			await patiently(() => send("PutItem", { TableName, Item: { ...Key, ...marshall({ n, list: { k: 0 }, long: "x".repeat(n * 5), bytes: Buffer.from(`${n}`), set: new Set(["a", `${n}`]) }) } }));
		await sleep(10);
	}
}

/* What Keys and images look like, for comparing. */
const text = (item) => item && JSON.stringify(unmarshall(item), (name, value) => value instanceof Set ? [...value].sort() : value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value);
const sorted = (item) => item && Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1));
const image = (item) => text(sorted(item));

/* Keeps a copy from the stream until told that no more comes.  Each record must fit the
 * copy as it is: so none is lost, none comes twice, none comes too early. */
async function follow(copy, state)
{
	const iterators = new Map();
	const finished = new Set();
	const misfits = [];
	let records = 0;
	for (;;) {
		const ending = state.ended;
		const listed = await shards();
		const ids = new Set(listed.map((shard) => shard.ShardId));
		for (const { ShardId, ParentShardId } of listed) {
			if (!iterators.has(ShardId) && !finished.has(ShardId) && (!ids.has(ParentShardId) || finished.has(ParentShardId)))
				iterators.set(ShardId, (await patiently(() => ask("GetShardIterator", { StreamArn: arn, ShardId, ShardIteratorType: "TRIM_HORIZON" }))).ShardIterator);
		}
		let count = 0;
		for (const [id, ShardIterator] of iterators) {
			const page = await patiently(() => ask("GetRecords", { ShardIterator, Limit: 25 }));
			for (const { eventName, dynamodb: change } of page.Records) {
				const key = image(change.Keys);
				const event = change.OldImage === undefined ? "INSERT" : change.NewImage === undefined ? "REMOVE" : "MODIFY";
				if (eventName !== event || image(change.OldImage) !== copy.get(key))
					misfits.push(`${id} ${change.SequenceNumber}: ${eventName} ${key}`);
				if (change.NewImage === undefined)
					copy.delete(key);
				else
					copy.set(key, image(change.NewImage));
				count++;
			}
			if (page.NextShardIterator === undefined) {
				iterators.delete(id);
				finished.add(id);
			}
			else
				iterators.set(id, page.NextShardIterator);
		}
		records += count;
		if (ending && count === 0 && iterators.size === 0 && finished.size === (await shards()).length)
			return { records, misfits, shards: finished.size };
		if (count === 0)
			await sleep(100);
	}
}

/** The copy is the table. */
async function copy()
{
	const copied = new Map();
	const state = { ended: false };
	const following = follow(copied, state);
	const writing = Promise.all([0, 1, 2].map(write));
	await sleep(2000);
	for (const command of ["stop", "start"])
		local(command, "--data", process.env.DDB_DATA);
	await writing;
	await patiently(() => send("UpdateTable", { TableName, StreamSpecification: { StreamEnabled: false } }));
	for (const end = Date.now() + 60000; (await describe()).StreamStatus !== "DISABLED" && Date.now() < end;)
		await sleep(50);
	state.ended = true;
	const { records, misfits, shards: count } = await following;
	equal(misfits, [], "every record fits what was there before it");
	ok(records > WRITES / 2 && count > 2, `${records} records of ${count} shards`);
	const table = new Map();
	for await (const page of dynamodb.paginateScan({ client: tables }, { TableName })) {
		for (const item of page.Items) {
			const { id, part } = item;
			table.set(image({ id, part }), image(item));
		}
	}
	equal([...copied].sort(), [...table].sort(), "the copy is the table");
	const closed = await shards();
	equal(closed.map((shard) => shard.ParentShardId), [undefined, ...closed.map((shard) => shard.ShardId).slice(0, -1)], "each shard names its parent");
	const { StreamDescription: filtered } = await ask("DescribeStream", { StreamArn: arn, ShardFilter: { Type: "CHILD_SHARDS", ShardId: closed[0].ShardId } });
	equal(filtered.Shards, [closed[1]], "and is found as its child");
}

await run(begin, copy);
