import { connect as dial } from "node:net";

/**
 * The name of the NATS server on a loopback port; undefined when none answers there. NATS speaks first: a port that
 * only accepts is not a server that is ready, and one with another name is somebody else's.
 */
export function serverNameAt(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = dial({ port, host: "127.0.0.1", timeout: 500 });
    let greeting = "";
    const answer = (name: string | undefined): void => {
      socket.destroy();
      resolve(name);
    };
    socket.setEncoding("utf8").on("data", (text: string) => {
      greeting += text;
      const name = /^INFO .*?"server_name":"([^"]*)"/.exec(greeting)?.[1];
      if (name !== undefined || greeting.includes("\n")) answer(name);
    });
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => answer(undefined));
  });
}
