const ADDRESS = /\bhttps?:\/\/\S+?\.js\b/;

/** What is asked for under the address that a failure named: to the browser another module, which it does not know to be missing. */
const underAnotherName = (address: string): Promise<unknown> =>
  import(/* @vite-ignore */ `${address}?again=${Date.now()}`);

/**
 * Imports a module of ours that may be out of reach for a while. Until the autumn of 2026 a failure lasted as long as the page: browsers
 * answered every later `import()` of the address with it (whatwg/html#10327), and many people's still do. Safari does not name the address;
 * there it takes a reload.
 */
export async function imported<M>(load: () => Promise<M>, again = underAnotherName): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    const address = ADDRESS.exec(String(cause))?.[0];
    if (!address) throw cause;
    return (await again(address)) as M;
  }
}
