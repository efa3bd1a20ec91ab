/** How a daemon keeps its audit log. */
export interface AuditLogSettings {
  /**
   * When what is written has to be on the disk: `always`: before a request is answered; `interval`: a second later; `never`: when the
   * kernel thinks so.
   */
  readonly fsync: 'always' | 'interval' | 'never';
  /** What happens to requests while the log cannot be written. */
  readonly onError: 'refuse' | 'continue';
  /** Bytes of a file, after which the next one begins. */
  readonly maxSize: number;
  /** Full files that are kept. */
  readonly keep: number;
}

export const DEFAULT_AUDIT_LOG: AuditLogSettings = {
  fsync: 'interval',
  onError: 'refuse',
  maxSize: 64 << 20,
  keep: 15,
};
