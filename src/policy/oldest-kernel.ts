/** Version of the oldest kernel that a policy is for (docs/guide/running.md). */
export const OLDEST_KERNEL = '5.14';
