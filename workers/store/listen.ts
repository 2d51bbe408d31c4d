import type { AddressInfo } from "node:net";

/** What is needed of an HTTP server of Fastify's, whatever its types. */
interface Listener {
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  close(): Promise<unknown>;
  addresses(): AddressInfo[];
}

/**
 * Has a server listen, and returns its address without a slash at the end. Port 0 takes a free one. A server that cannot is closed, and
 * what `refusal` makes of the cause is thrown.
 */
export async function listen(
  server: Listener,
  { host, port }: { readonly host: string; readonly port: number },
  refusal: (cause: unknown) => Error,
): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    throw refusal(cause);
  }
  const [address] = server.addresses() as [AddressInfo, ...AddressInfo[]];
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
