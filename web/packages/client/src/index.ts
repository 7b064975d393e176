export { Client } from './client';
export type { Cancel, Clock } from './clock';
export { original } from './engine/originals';
export type { Ports, TabNews, Tabs, Vault } from './engine/ports';
export { Failure, type FailureCode, failureCode } from './errors';
export type * from './generated';
export type { Dial, SocketEvents, SocketLike } from './link/types';
export { type Api, createApi, type Listed, type Page } from './rest/api';
export { type Answer, type Fetch, Http } from './rest/http';
export { type Delivery, delivery, readersAt, receiptFloor } from './select/delivery';
export { type Joined, joins } from './select/joins';
export {
  calls,
  queueOf,
  type RoomSections,
  roomList,
  roomOrder,
  roomSections,
  type Totals,
  totals,
  typists,
} from './select/lists';
export { type Row, rows } from './select/rows';
export type { Action } from './state/actions';
export { reduce } from './state/reduce';
export type { Snapshot } from './state/snapshot';
export { at as messageAt, emptyTimeline } from './state/timeline';
export {
  type Connection,
  initialState,
  type Person,
  type Queued,
  type State,
  type Timeline,
  type Watermarks,
} from './state/types';
export { Store } from './store';
