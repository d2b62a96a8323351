// targets.mjs: what the requests are sent to.  Each target has
//   name
//   send(op, request) -> {status, type, message, body}, body without __type and message
//   close()

import {spawn} from 'node:child_process';
import http from 'node:http';
import readline from 'node:readline';

// split turns a response body into what is compared.
function split(status, body) {
	const {__type, message, Message, ...rest} = body ?? {};
	if (status === 200)
		return {status, body};
	return {status, type: (__type ?? '').replace(/.*#/, ''), message: message ?? Message ?? null, body: rest};
}

// An endpoint that speaks DynamoDB's JSON protocol.
export class HttpTarget {
	constructor(name, port, process) {
		this.name = name;
		this.port = port;
		this.process = process;
		this.agent = new http.Agent({keepAlive: true, maxSockets: 1});
	}

	send(op, request) {
		const payload = JSON.stringify(request);
		return new Promise((resolve, reject) => {
			const call = http.request({
				host: '127.0.0.1', port: this.port, method: 'POST', path: '/', agent: this.agent, timeout: 20000,
				headers: {
					'X-Amz-Target': `DynamoDB_20120810.${op}`,
					'Content-Type': 'application/x-amz-json-1.0',
					'Content-Length': Buffer.byteLength(payload),
					'X-Amz-Date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
					// neither endpoint verifies signatures
					Authorization: 'AWS4-HMAC-SHA256 Credential=differential/20260101/us-east-1/dynamodb/aws4_request, ' +
						'SignedHeaders=host;x-amz-date;x-amz-target, Signature=0',
				},
			}, response => {
				const chunks = [];
				response.on('data', chunk => chunks.push(chunk));
				response.on('end', () => {
					const text = Buffer.concat(chunks).toString();
					try {
						resolve(split(response.statusCode, JSON.parse(text)));
					} catch {
						resolve({status: response.statusCode, type: 'not JSON', message: text.slice(0, 200), body: {}});
					}
				});
			});
			call.on('timeout', () => call.destroy(new Error('timeout')));
			call.on('error', error => resolve({status: 0, type: 'no answer', message: error.message, body: {}}));
			call.end(payload);
		});
	}

	async ready() {
		for (let tries = 0; tries < 100; tries++) {
			if ((await this.send('ListTables', {})).status === 200)
				return;
			await new Promise(resolve => setTimeout(resolve, 100));
		}
		throw new Error(`${this.name} does not answer`);
	}

	close() {
		this.agent.destroy();
		this.process.kill();
	}
}

// In the session: ddb_request with its errors as the JSON of an HTTP answer.
const prologue = `
\\set QUIET on
\\set ON_ERROR_STOP off
CREATE OR REPLACE FUNCTION pg_temp.answer(operation text, request text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  type text; message text; detail text; code text;
BEGIN
  RETURN jsonb_build_object('status', 200, 'body', ddb_request(operation, request::jsonb));
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS type = PG_DATATYPE_NAME, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
    code = RETURNED_SQLSTATE;
  RETURN jsonb_build_object('status', CASE WHEN code LIKE 'DY%' THEN 400 ELSE 500 END,
    'type', CASE WHEN code LIKE 'DY%' THEN type ELSE 'SQLSTATE ' || code END,
    'message', message, 'detail', detail);
END $$;
`;

// ddb_request in one psql session.
export class PsqlTarget {
	constructor(name, psql, args) {
		this.name = name;
		this.process = spawn(psql, ['-X', '-A', '-t', '-q', ...args], {stdio: ['pipe', 'pipe', 'inherit']});
		this.waiting = [];
		readline.createInterface({input: this.process.stdout}).on('line', line => this.waiting.shift()?.(line));
		this.process.on('exit', () => this.waiting.forEach(resolve =>
			resolve('{"status": 0, "type": "session ended", "message": null}')));
		this.process.stdin.write(prologue);
	}

	query(sql) {
		return new Promise(resolve => {
			this.waiting.push(resolve);
			this.process.stdin.write(`${sql};\n`);
		});
	}

	async send(op, request) {
		const line = await this.query(`SELECT pg_temp.answer($op$${op}$op$, $json$${JSON.stringify(request)}$json$)`);
		const answer = JSON.parse(line);
		if (answer.status === 200)
			return answer;
		// the detail of ConditionalCheckFailedException is the item, that of
		// TransactionCanceledException its reasons
		const body = {};
		if (answer.detail && answer.type === 'ConditionalCheckFailedException')
			body.Item = JSON.parse(answer.detail);
		if (answer.detail && answer.type === 'TransactionCanceledException')
			body.CancellationReasons = JSON.parse(answer.detail);
		return {status: answer.status, type: answer.type, message: answer.message, body};
	}

	close() {
		this.process.stdin.end();
	}
}
