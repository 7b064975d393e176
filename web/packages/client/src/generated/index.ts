export * from './protocol';
export * from './rest';
