// Schemas as functions that only say yes or no. ajv makes them here, once, instead of at the start of every command (0.4 s of processor
// time); what is wrong with a value that they refuse, ajv itself says then.
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

/** Words of our schemas that check nothing. */
const ANNOTATIONS = ['$comment', 'title', 'description', 'default', 'examples', 'x-expects'];

/** Keywords whose members have names of their own: none of these is an annotation. */
const MAPS = ['properties', 'patternProperties', '$defs'];

/**
 * A TypeScript module that exports a function `(value: unknown) => boolean` for each name.
 *
 * @param {object} options
 * @param {string} options.banner first line of the module
 * @param {string} [options.imports] of what `options.code` names
 * @param {object[]} options.schemas with an `$id` each
 * @param {Record<string, string>} options.functions exported name -> reference of what it accepts
 * @param {(ajv: Ajv2020) => void} [options.extend] adds keywords and formats
 * @param {object} [options.code] ajv's options for the code
 * @returns {string}
 */
export function acceptModule({ banner, imports = '', schemas, functions, extend, code }) {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true, ...code },
  });
  extend?.(ajv);
  for (const schema of schemas) ajv.addSchema(bare(schema));
  return `${banner}\n// @ts-nocheck\n${imports}${imported(standalone.default(ajv, functions))}\n`;
}

function bare(node) {
  if (Array.isArray(node)) return node.map(bare);
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(([key]) => !ANNOTATIONS.includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, MAPS.includes(key) ? bareMembers(value) : bare(value)]));
}

function bareMembers(map) {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, bare(value)]));
}

/** ajv writes `require` into ES modules, too. One statement a line, so that a change can be read. */
function imported(source) {
  const modules = new Map();
  const text = source.replace('"use strict";', '').replace(/require\("([^"]+)"\)\.default/g, (_, path) => {
    if (!modules.has(path)) modules.set(path, `runtime${modules.size}`);
    return modules.get(path);
  });
  const lines = text.replace(/;(?=(?:export )?(?:const|function) )|\}(?=function )/g, '$&\n');
  return `${[...modules].map(([path, name]) => importOf(path, name)).join('')}${lines}`;
}

/** Who loads a CommonJS module decides what its default export is: the module, or what it calls its default. */
function importOf(path, name) {
  return `import ${name}Module from '${path}.js';\nconst ${name} = ${name}Module.default ?? ${name}Module;\n`;
}
