// Generated from schemas/{policy,runtime,tenant,profile}.schema.json by scripts/gen/policy-types.mjs. Do not edit: run `npm run gen`.

export type Name = string;
export type Module = string;

/**
 * How a sandbox is run. Nothing here allows anything: that is the policy's alone.
 */
export interface RuntimeDocument {
  /**
   * Version of the runtime language.
   */
  version: 1;
  /**
   * The kind of file.
   */
  kind: 'Runtime';
  name: Name;
  /**
   * One sentence for people.
   */
  description?: string;
  /**
   * Python on the host, which the policy's mounts must show at the same path. Default: /usr/bin/python3.
   */
  interpreter?: string;
  /**
   * Lock file with hashes, in the runtime's own folder. Without it nothing needs to be built.
   */
  requirements?: string;
  /**
   * Modules that are imported once, before any job, in this order.
   *
   * @maxItems 256
   */
  preload?: Module[];
  /**
   * Names that a job finds defined, and the modules that they stand for: {pd: pandas}.
   */
  globals?: {
    [k: string]: Module;
  };
  /**
   * Python that is run once after the preload: ordinary use, so that lazy imports and caches are paid before the first job.
   */
  warmup?: string;
  /**
   * How many jobs wait ready, and how many may exist at a time.
   */
  pool?: {
    standby: number;
    max: number;
  };
  /**
   * `host`: one zygote for all tenants, whose jobs then share address layout and hash seed. Default: tenant.
   */
  share?: 'tenant' | 'host';
}
