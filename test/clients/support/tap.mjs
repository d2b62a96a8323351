/* TAP for the JavaScript client: ok, equal, raises, and the plan at the end. */
import { isDeepStrictEqual, inspect } from "node:util";

let count = 0;
let failures = 0;

export function ok(condition, name, ...diagnostics)
{
	count++;
	console.log(`${condition ? "ok" : "not ok"} ${count} - ${name}`);
	if (!condition)
	{
		failures++;
		for (const line of diagnostics.join("\n").split("\n"))
			console.log(`#   ${line.slice(0, 2000)}`);
	}
	return condition;
}

export function equal(got, expected, name)
{
	return ok(isDeepStrictEqual(got, expected), name,
		`got      ${inspect(got, { depth: 9 })}`, `expected ${inspect(expected, { depth: 9 })}`);
}

/* The error that call raises, if it is of the class. */
export async function raises(type, call, name)
{
	try
	{
		ok(false, name, `no error, but ${inspect(await call(), { depth: 5 })}`);
	}
	catch (error)
	{
		if (ok(error instanceof type, name, `got ${inspect(error, { depth: 3 })}`))
			return error;
	}
	return undefined;
}

/* Runs functions, each as far as it gets, and ends the process. */
export async function run(...stories)
{
	for (const story of stories)
	{
		console.log(`# ${story.name}`);
		try
		{
			await story();
		}
		catch (error)
		{
			ok(false, `${story.name} runs to its end`, inspect(error, { depth: 3 }));
		}
	}
	console.log(`1..${count}`);
	process.exit(failures > 0 ? 1 : 0);
}
