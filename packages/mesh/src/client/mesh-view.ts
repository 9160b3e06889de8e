import type { MeshView } from "../contract/mesh-view.ts";
import { textOf } from "../protocol/body.ts";
import type { Subjects } from "../protocol/subjects.ts";
import { addressed } from "../transport/addressed.ts";
import type { Transport } from "../transport/transport.ts";
import type { Directory } from "./directory.ts";
import { parseRecord } from "./service-record.ts";

interface Seen {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly directory: Directory;
}

/** What the replicas of one node may see of the mesh around them. */
export function meshView({ transport, subjects, directory }: Seen): MeshView {
  return {
    root: subjects.root,
    hear(kind, listener) {
      const subject = subjects.event(kind, "*");
      const heard = transport.subscribe(
        subject,
        addressed(subject, ({ payload }) => listener(parseRecord(textOf(payload)))),
      );
      return () => heard.unsubscribe();
    },
    discover: async (agent) => (await directory.discover(agent))[0],
  };
}
