/** As G09; the policy is what differs. */
export { probe } from './G09-names.js';
