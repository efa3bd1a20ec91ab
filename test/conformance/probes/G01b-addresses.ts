/** As G01; the policy is what differs. */
export { probe } from './G01-addresses.js';
