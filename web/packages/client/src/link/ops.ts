import type { Ops } from '../generated';

export type Op = keyof Ops;
export type Ask<O extends Op> = Ops[O][0];
export type Ok<O extends Op> = Ops[O][1];
