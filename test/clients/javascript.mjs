#!/usr/bin/env node
/*
 * The AWS SDK for JavaScript, version 3: client-dynamodb and lib-dynamodb.
 * Films, pages, marshalling, errors as the SDK's classes, waiters, transactions.
 *
 * Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one.
 * The packages are those of package-lock.json: "npm ci" in this folder.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { equal, ok, raises, run } from "./support/tap.mjs";

const here = dirname(fileURLToPath(import.meta.url));
if (process.env.DDB_ENDPOINT === undefined) {
	const { status } = spawnSync(join(here, "support/with-server"), [process.execPath, fileURLToPath(import.meta.url)],
		{ stdio: "inherit" });
	process.exit(status ?? 1);
}

const dynamodb = await import("@aws-sdk/client-dynamodb");
const document = await import("@aws-sdk/lib-dynamodb");
const { marshall, unmarshall, NumberValueImpl: NumberValue } = await import("@aws-sdk/util-dynamodb");

const connect = (more) => new dynamodb.DynamoDBClient({ endpoint: process.env.DDB_ENDPOINT, maxAttempts: 1, ...more });
const client = connect();
const docs = document.DynamoDBDocumentClient.from(client);
const send = (name, request) => client.send(new dynamodb[`${name}Command`](request));
const ask = (name, request) => docs.send(new document[`${name}Command`](request));
const byTitle = (a, b) => Buffer.compare(Buffer.from(a.title), Buffer.from(b.title));

const films = JSON.parse(gunzipSync(readFileSync(join(here, "../../examples/movies/moviedata.json.gz"))))
	.filter((film) => film.year >= 2010);

/** A table with an index, made and waited for. */
async function tables()
{
	await raises(dynamodb.ResourceNotFoundException, () => send("DescribeTable", { TableName: "Movies" }), "no table yet");
	const { TableDescription: made } = await send("CreateTable", {
		TableName: "Movies",
		BillingMode: "PAY_PER_REQUEST",
		KeySchema: [{ AttributeName: "year", KeyType: "HASH" }, { AttributeName: "title", KeyType: "RANGE" }],
		AttributeDefinitions: [{ AttributeName: "year", AttributeType: "N" }, { AttributeName: "title", AttributeType: "S" },
			{ AttributeName: "rating", AttributeType: "N" }, { AttributeName: "language", AttributeType: "S" }],
		GlobalSecondaryIndexes: [{
			IndexName: "by_rating",
			KeySchema: [{ AttributeName: "language", KeyType: "HASH" }, { AttributeName: "rating", KeyType: "RANGE" }],
			Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["plot"] },
		}],
	});
	equal(made.TableStatus, "CREATING", "CREATING at first");
	ok(made.CreationDateTime instanceof Date && Math.abs(Date.now() - made.CreationDateTime) < 60000, "with a date");
	const waited = await dynamodb.waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: "Movies" });
	equal(waited.state, "SUCCESS", "the waiter sees it ACTIVE");
	const names = [];
	for await (const page of dynamodb.paginateListTables({ client, pageSize: 1 }, {}))
		names.push(...page.TableNames);
	equal(names, ["Movies"], "and it is listed");
	await raises(dynamodb.ResourceInUseException, () => send("CreateTable", {
		TableName: "Movies", BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "a", KeyType: "HASH" }],
		AttributeDefinitions: [{ AttributeName: "a", AttributeType: "S" }] }), "a second one is refused");
}

/** Films are written in batches, found by pages, and through the index. */
async function stories()
{
	for (let i = 0; i < films.length; i += 25)
	{
		const requests = films.slice(i, i + 25).map((film) => ({ PutRequest: { Item:
			{ ...film, ...(film.info.rating === undefined ? {} : { language: "en", rating: film.info.rating }) } } }));
		const { UnprocessedItems: left } = await ask("BatchWrite", { RequestItems: { Movies: requests } });
		if (Object.keys(left).length > 0)
			ok(false, "everything is processed");
	}
	const found = [];
	let pages = 0;
	for await (const page of document.paginateScan({ client: docs, pageSize: 100 }, { TableName: "Movies" }))
	{
		found.push(...page.Items);
		pages++;
	}
	equal(found.length, films.length, `all of ${films.length} films by pages of 100 (${pages})`);
	const plain = ({ year, title, info }) => ({ year, title, info });
	const order = (a, b) => a.year - b.year || byTitle(a, b);
	equal(found.map(plain).sort(order), films.map(plain).sort(order), "each as it was");
	const query = document.paginateQuery({ client: docs, pageSize: 10 }, {
		TableName: "Movies", KeyConditionExpression: "#y = :y AND begins_with(title, :t)", ScanIndexForward: false,
		ExpressionAttributeNames: { "#y": "year" }, ExpressionAttributeValues: { ":y": 2013, ":t": "The" }, ProjectionExpression: "title" });
	const titles = [];
	for await (const page of query)
		titles.push(...page.Items.map((film) => film.title));
	equal(titles, films.filter((film) => film.year === 2013 && film.title.startsWith("The")).sort(byTitle).map((film) => film.title).reverse(),
		"films of 2013 that begin with The, backwards");
	const { Items: best } = await ask("Query", {
		TableName: "Movies", IndexName: "by_rating", KeyConditionExpression: "#l = :en", ScanIndexForward: false, Limit: 5,
		ExpressionAttributeNames: { "#l": "language" }, ExpressionAttributeValues: { ":en": "en" } });
	equal(best.map((film) => film.rating), films.map((film) => film.info.rating ?? -1).sort((a, b) => b - a).slice(0, 5),
		"the index gives the five best");
	const keys = films.slice(0, 60).map(({ year, title }) => ({ year, title }));
	const { Responses: got } = await ask("BatchGet", { RequestItems: { Movies: { Keys: keys } } });
	equal(got.Movies.length, 60, "60 films in one batch");
}

/** One item: put, get, update, delete, with conditions. */
async function items()
{
	const Key = { year: 2015, title: "The Big New Movie" };
	await ask("Put", { TableName: "Movies", Item: { ...Key, info: { rating: 0 } } });
	equal((await ask("Get", { TableName: "Movies", Key, ConsistentRead: true })).Item, { ...Key, info: { rating: 0 } }, "put and get");
	const { Attributes: now } = await ask("Update", { TableName: "Movies", Key, ReturnValues: "ALL_NEW",
		UpdateExpression: "SET info.rating = info.rating + :one, info.actors = :a ADD tags :t",
		ExpressionAttributeValues: { ":one": 1.5, ":a": ["Larry", "Moe"], ":t": new Set(["new", "big"]) } });
	equal([now.info, [...now.tags].sort()], [{ rating: 1.5, actors: ["Larry", "Moe"] }, ["big", "new"]], "update");
	const failed = await raises(dynamodb.ConditionalCheckFailedException, () => ask("Put", {
		TableName: "Movies", Item: Key, ConditionExpression: "attribute_not_exists(title)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
		"a failed condition");
	equal(failed && [failed.message, failed.name, failed.$fault, failed.$metadata.httpStatusCode, unmarshall(failed.Item).year],
		["The conditional request failed", "ConditionalCheckFailedException", "client", 400, 2015], "with message, status and the old item");
	ok(/^[0-9A-Z]{52}$/.test(failed?.$metadata.requestId), "and a request id");
	equal((await ask("Delete", { TableName: "Movies", Key, ReturnValues: "ALL_OLD" })).Attributes.title, Key.title, "delete");
	equal((await ask("Get", { TableName: "Movies", Key })).Item, undefined, "and it is gone");
}

/** What JavaScript can say survives marshalling and the trip. */
async function values()
{
	const Key = { year: 1, title: "values" };
	const binary = Uint8Array.from({ length: 256 }, (_, n) => n);
	const item = { ...Key, text: "Grüße, 世界 🦦 \u0001\u2028 \"\\", empty: "", yes: true, no: false, nothing: null,
		integer: Number.MAX_SAFE_INTEGER, fraction: -0.1, tiny: 5e-100, list: [1, "two", [3], {}], map: { a: { b: [null] }, "ключ": 1 },
		binary, strings: new Set(["a", "ü"]), numbers: new Set([1, 2.5]), binaries: new Set([binary]) };
	await ask("Put", { TableName: "Movies", Item: item });
	equal((await ask("Get", { TableName: "Movies", Key })).Item, item, "every type");
	const digits = "1234567890123456789012345678901234567.8";
	const exact = document.DynamoDBDocumentClient.from(connect(), { unmarshallOptions: { wrapNumbers: true } });
	await ask("Put", { TableName: "Movies", Item: { ...Key, n: NumberValue.from(digits), big: 12345678901234567890123456789012345678n } });
	const { Item: back } = await exact.send(new document.GetCommand({ TableName: "Movies", Key }));
	equal([back.n.toString(), back.big.toString()], [digits, "12345678901234567890123456789012345678"], "numbers of 38 digits");
	const data = "x".repeat(409600 - 4 - 8 - 5 - 6 - 4 - 2);
	await ask("Put", { TableName: "Movies", Item: { ...Key, data } });
	equal((await ask("Get", { TableName: "Movies", Key })).Item.data === data, true, "an item of 400 KB");
	const error = await raises(dynamodb.DynamoDBServiceException, () => ask("Put", { TableName: "Movies", Item: { ...Key, data: data + "x".repeat(10) } }),
		"and no larger one");
	equal(error && [error.name, error.message], ["ValidationException", "Item size has exceeded the maximum allowed size"], "its name and message");
	await ask("Delete", { TableName: "Movies", Key });
	equal(marshall(unmarshall({ a: { N: "1" } })), { a: { N: "1" } }, "marshalling is there");
}

/** Transactions, with reasons and tokens. */
async function transactions()
{
	const Key = { year: 2, title: "counter" };
	const count = { Update: { TableName: "Movies", Key, UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": 1 } } };
	const fresh = { Put: { TableName: "Movies", Item: { year: 2, title: "fresh" }, ConditionExpression: "attribute_not_exists(title)" } };
	const TransactItems = [count, fresh];
	await ask("TransactWrite", { TransactItems });
	const failed = await raises(dynamodb.TransactionCanceledException, () => ask("TransactWrite", { TransactItems }), "a cancelled transaction");
	equal(failed?.CancellationReasons?.map((reason) => reason.Code), ["None", "ConditionalCheckFailed"], "its reasons");
	for (let i = 0; i < 2; i++)
		await ask("TransactWrite", { TransactItems: [count], ClientRequestToken: "js-once" });
	await raises(dynamodb.IdempotentParameterMismatchException,
		() => ask("TransactWrite", { TransactItems: [count, { ...fresh, Put: { TableName: "Movies", Item: { year: 2, title: "other" } } }], ClientRequestToken: "js-once" }),
		"a token used for another one");
	const { Responses: got } = await ask("TransactGet", { TransactItems: [{ Get: { TableName: "Movies", Key } }, { Get: { TableName: "Movies", Key: { year: 2, title: "none" } } }] });
	equal(got.map((response) => response.Item?.n), [2, undefined], "TransactGet");
	const writes = Array.from({ length: 50 }, () => ask("Update", count.Update).catch((error) => error));
	const errors = (await Promise.all(writes)).filter((answer) => answer instanceof Error);
	ok(errors.every((error) => error instanceof dynamodb.TransactionConflictException), "50 updates at once: done or a conflict");
	equal((await ask("Get", { TableName: "Movies", Key, ConsistentRead: true })).Item.n, 52 - errors.length, "none lost, none twice");
}

/** PartiQL through the document client: plain values in, plain values out. */
async function statements()
{
	const film = { year: 2030, title: "Statements" };
	await ask("ExecuteStatement", { Statement: `INSERT INTO "Movies" VALUE {'year': ?, 'title': ?, 'info': ?, 'tags': ?}`,
		Parameters: [film.year, film.title, { rating: 5, actors: ["A", "B"] }, new Set(["x", "y"])] });
	const { Items: found } = await ask("ExecuteStatement", {
		Statement: `SELECT title, info.actors[1], tags FROM "Movies" WHERE "year" = ? AND title = ?`, Parameters: [film.year, film.title] });
	equal(found.map((item) => ({ ...item, tags: [...item.tags] })), [{ title: "Statements", "actors[1]": "B", tags: ["x", "y"] }], "INSERT and SELECT");
	const { Items: updated } = await ask("ExecuteStatement", {
		Statement: `UPDATE "Movies" SET info.rating = info.rating + ? SET tags = set_delete(tags, ?) WHERE "year" = 2030 AND title = 'Statements' RETURNING MODIFIED NEW *`,
		Parameters: [1, new Set(["x"])] });
	equal(updated.map((item) => ({ ...item, tags: [...item.tags] })), [{ info: { rating: 6 }, tags: ["y"] }], "UPDATE and RETURNING");
	await raises(dynamodb.DuplicateItemException, () => send("ExecuteStatement",
		{ Statement: `INSERT INTO "Movies" VALUE {'year': 2030, 'title': 'Statements'}` }), "INSERT of what is there");
	const titles = [];
	let token;
	do
	{
		const page = await ask("ExecuteStatement", { Statement: `SELECT title FROM "Movies" WHERE "year" = 2013`, Limit: 20, NextToken: token });
		titles.push(...page.Items.map((item) => item.title));
		token = page.NextToken;
	} while (token !== undefined);
	equal(titles, films.filter((f) => f.year === 2013).sort(byTitle).map((f) => f.title), "pages of 20");
	const { Responses: answers } = await ask("BatchExecuteStatement", { Statements: [
		{ Statement: `SELECT title FROM "Movies" WHERE "year" = ? AND title = ?`, Parameters: [film.year, film.title] },
		{ Statement: `SELECT * FROM "Nothing" WHERE pk = 'a'` }] });
	equal(answers.map((answer) => answer.Item ?? answer.Error.Code), [{ title: "Statements" }, "ResourceNotFound"], "a batch, of which one fails");
	const cancelled = await raises(dynamodb.TransactionCanceledException, () => ask("ExecuteTransaction", { TransactStatements: [
		{ Statement: `DELETE FROM "Movies" WHERE "year" = ? AND title = ?`, Parameters: [film.year, film.title] },
		{ Statement: `EXISTS(SELECT * FROM "Movies" WHERE "year" = 2013 AND title = 'Rush' AND info.rating > 100)` }] }), "a transaction is cancelled");
	equal(cancelled?.CancellationReasons.map((reason) => reason.Code), ["None", "ConditionalCheckFailed"], "with its reasons");
	await ask("ExecuteTransaction", { TransactStatements: [{ Statement: `DELETE FROM "Movies" WHERE "year" = 2030 AND title = 'Statements'` }] });
	equal((await ask("Get", { TableName: "Movies", Key: film })).Item, undefined, "another one deletes the film");
}

/** Errors of authentication, and the end of the table. */
async function end()
{
	const liar = connect({ credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" } });
	const error = await raises(dynamodb.DynamoDBServiceException, () => liar.send(new dynamodb.ListTablesCommand({})), "a wrong secret");
	equal(error?.name, "InvalidSignatureException", "its name");
	const limits = await send("DescribeLimits", {});
	ok(limits.TableMaxWriteCapacityUnits > 0, "limits are described");
	equal((await send("DeleteTable", { TableName: "Movies" })).TableDescription.TableStatus, "DELETING", "the table is DELETING");
	const waited = await dynamodb.waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: "Movies" });
	equal(waited.state, "SUCCESS", "and the waiter sees it gone");
}

await run(tables, stories, items, values, transactions, statements, end);
