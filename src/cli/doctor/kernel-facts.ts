/**
 * What the addon found out by trying; the part of the daemon's `KernelProbe` that the checks look at. Undefined before the
 * addon is built.
 */
export interface KernelFacts {
  /** 0 when there is no Landlock; `landlockReason` says why then. */
  readonly landlockAbi: number;
  readonly landlockReason: string | null;
  readonly seccompListener: boolean;
  readonly userNamespaces: { readonly allowed: boolean; readonly reason: string | null };
  readonly cgroup: {
    /** 0 when no version can limit memory and tasks. */
    readonly version: 0 | 1 | 2;
    /** This process's own group; null when it is not visible. */
    readonly directory: string | null;
    readonly writable: boolean;
  };
  readonly calls: Readonly<Record<string, 'present' | 'missing' | 'forbidden'>>;
}
