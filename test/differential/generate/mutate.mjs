// mutate.mjs: a request with something wrong about its members.

const junk = [null, 1, 1.5, -1, 'x', '', true, false, [], {}, [1], {a: 1}, [null], 'x'.repeat(300)];

// a path to some member of the request, as a list of steps
function somewhere(random, request) {
	const path = [];
	let at = request;
	while (at !== null && typeof at === 'object' && Object.keys(at).length) {
		const step = random.pick(Object.keys(at));
		path.push(step);
		if (!random.chance(0.4))
			break;
		at = at[step];
	}
	return path;
}

export function mutate(random, request) {
	const copy = structuredClone(request);
	const path = somewhere(random, copy);
	let parent = copy;
	for (const step of path.slice(0, -1))
		parent = parent[step];
	const last = path[path.length - 1];
	random.weighted([
		[2, () => Array.isArray(parent) ? parent.splice(Number(last), 1) : delete parent[last]],
		[3, () => { parent[last] = random.pick(junk); }],
		[1, () => { copy[random.pick(['Unknown', 'tableName', 'IndexName', 'Select'])] = random.pick(junk); }],
		[1, () => { copy.ReturnConsumedCapacity = random.pick(['total', 'NONE', '', 'ALL', ...junk]); }],
		[1, () => { copy.TableName = random.pick(['', 'ab', 'a'.repeat(256), 'no/slash', 'NoSuchTable', 'é'.repeat(3), ...junk]); }],
	]);
	return copy;
}
