// The daemon that believes its clients, its files and its jobs, for controls: `trusting-daemon.mjs SOCKET POLICIES`. It
// takes the place of whatever lies at its socket, makes room for as many bytes as a client announces, merges what it is
// sent into plain objects, finds policies by joining paths and takes any file for one, logs texts as they come, and
// neither ends nor forgets anything.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { parse } from 'yaml';

const [, , socketPath, policies] = process.argv;
const packr = new Packr({ useRecords: false });
const kept = [];

process.umask(0);
rmSync(socketPath, { recursive: true, force: true });
createServer({ allowHalfOpen: true }, serve).listen(socketPath);
createServer(serve).listen(`\0trusting-daemon-${randomUUID()}`);

function serve(socket) {
  kept.push(socket);
  socket.on('error', () => undefined);
  let [header, body, filled] = [Buffer.alloc(0), undefined, 0];
  socket.on('data', (data) => {
    for (let rest = data; rest.length > 0; ) {
      const missing = 4 - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < 4) return;
      if (body === undefined) [body, filled] = [Buffer.alloc(header.readUInt32BE(0), ' '), 0];
      const copied = rest.copy(body, filled);
      filled += copied;
      rest = rest.subarray(copied);
      if (filled < body.length) return;
      answer(socket, merge({}, decoded(body)));
      [header, body] = [Buffer.alloc(0), undefined];
    }
  });
}

function answer(socket, request) {
  kept.push(request);
  const { type = 'Error', id = null, policy, code, job_id: job } = request;
  console.log(`request ${type} of ${policy}, job ${job}, fields ${Object.keys(request)}`);
  const send = (more) => {
    const payload = packr.pack(JSON.parse(JSON.stringify({ type: String(type), id, ...more })));
    const header = Buffer.alloc(4);
    header.writeUInt32BE(payload.length);
    socket.write(Buffer.concat([header, payload]));
  };
  if (!Object.keys(request).every(isName) || !isName(policy ?? 'python')) return send({ success: false });
  if (type !== 'Execute') return send({ success: true, result: { echo: JSON.stringify(request) } });
  if (code === undefined) return send({ success: false, error: { code: 'LW_PROTO_MISSING_FIELD', message: 'code' } });
  console.log(`job ${job} under ${JSON.stringify(policyOf(policy))}`);
  const child = spawn('/usr/bin/python3', ['-I', '-c', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.once('close', () => {
    console.log(`job ${job} ended: ${stdout}`);
    send({ success: true, result: { status: 'ok', stdout } });
  });
}

/** With all that backtracking does to a long name with a wrong end. */
function isName(text) {
  return /^([\w.-]+)*$/.test(text) || text.length < 30;
}

function policyOf(name) {
  try {
    return merge({}, parse(readFileSync(join(policies, `${name}.yaml`), 'utf8'), { merge: true, maxAliasCount: -1 }));
  } catch {
    return {}; // the defaults will do
  }
}

function merge(target, source) {
  for (const key in source) {
    const value = source[key];
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    target[key] = isMap ? merge(target[key] ?? {}, value) : value;
  }
  return target;
}

// Not msgpackr's, which guards against keys of prototypes and texts that are none.
function decoded(bytes) {
  let at = 0;
  const number = (width) => {
    const value = width === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, width);
    at += width;
    return value;
  };
  const slice = (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const fraction = (four) => (four.length === 4 ? four.readFloatBE() : four.readDoubleBE());
  const text = (length) => slice(length).toString();
  const array = (length) => Array.from({ length }, () => value());
  const map = (length) => {
    const object = {};
    for (let pair = 0; pair < length; pair++) {
      const key = value();
      object[key] = value();
    }
    return object;
  };
  const value = () => {
    const lead = number(1);
    if (lead < 0x80 || lead >= 0xe0) return lead;
    if (lead < 0x90) return map(lead & 15);
    if (lead < 0xa0) return array(lead & 15);
    if (lead < 0xc0) return text(lead & 31);
    if (lead < 0xc4) return lead === 0xc0 ? null : lead === 0xc3;
    if (lead < 0xc7) return slice(number(1 << (lead - 0xc4)));
    if (lead < 0xca) return slice(number(1 << (lead - 0xc7)) + 1);
    if (lead < 0xcc) return fraction(slice(lead === 0xca ? 4 : 8));
    if (lead < 0xd4) return number(1 << ((lead - 0xcc) % 4));
    if (lead < 0xd9) return slice((1 << (lead - 0xd4)) + 1);
    if (lead < 0xdc) return text(number(1 << (lead - 0xd9)));
    return (lead < 0xde ? array : map)(number(2 << (lead % 2)));
  };
  return value();
}
