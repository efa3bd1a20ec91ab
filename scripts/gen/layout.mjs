// The binary form of plans and messages: schemas/plan.layout.json -> C structs, TypeScript tables, the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cFields } from './layout/c-fields.mjs';
import { cHeader } from './layout/c-header.mjs';
import { cRules } from './layout/c-rules.mjs';
import { buildModel, SOURCE } from './layout/model.mjs';
import { reference } from './layout/reference.mjs';
import { typescript } from './layout/typescript.mjs';

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const model = buildModel(JSON.parse(await readFile(join(root, SOURCE), 'utf8')));
  return [
    { path: 'native/core/lw_plan_gen.h', text: cHeader(model) },
    { path: 'native/core/lw_plan_rules_gen.h', text: cRules(model) },
    { path: 'native/core/lw_plan_fields_gen.h', text: cFields(model) },
    { path: 'src/plan/layout.gen.ts', text: typescript(model) },
    { path: 'docs/reference/plan.md', text: reference(model) },
  ];
}
