import { PerClient } from "./per-client.ts";
import { tooManySubscriptions } from "./server/error.ts";
import { call, type Methods, type Sink, subscription } from "./server/method.ts";
import { type Args, type ParamList, text } from "./server/params.ts";

/** Long answers on the way to one client at a time. */
const maxStreams = 16;

/** Events to send between two turns of the event loop. */
const slice = 64;

/**
 * The three parts of an archive question with a long answer: the method `name`, its events and its stop method.
 * `items` makes the answer while it is sent, never faster than the client reads, and may yield
 * undefined to let others work; `storage` is the event of
 * `archive_v1_storage`, `storageDone` its end and `storageError` the end when something is wrong.
 */
export function streamed<P extends ParamList>(
  name: string,
  params: P,
  items: (args: Args<P>) => Iterable<object | undefined>,
): Methods {
  const event = name.slice("archive_v1_".length);
  const stopName = `archive_v1_stop${event[0]?.toUpperCase()}${event.slice(1)}`;
  const open = new PerClient<Sink>(() => {});

  const send = async (sink: Sink, answer: Iterable<object | undefined>): Promise<void> => {
    let turn = 0;
    try {
      for (const item of answer) {
        if (sink.closed) return;
        if (item !== undefined) sink.send({ event, ...item });
        if (item !== undefined && ++turn % slice > 0) continue;
        await sink.drained();
        await new Promise((resolve) => setImmediate(resolve));
      }
      sink.send({ event: `${event}Done` });
    } catch (error) {
      sink.send({ event: `${event}Error`, error: (error as Error).message });
    }
    sink.close();
  };

  return {
    ...subscription(
      { subscribe: [name], unsubscribe: [], notification: `${name}Event` },
      params,
      (args, client) => {
        if (open.count(client) >= maxStreams) throw tooManySubscriptions(maxStreams);
        open.reserve(client);
        return (sink) => {
          open.set(client, sink.id, sink);
          void send(sink, items(args));
          return () => void open.remove(client, sink.id);
        };
      },
    ),
    [stopName]: call({ subscription: text }, ({ subscription: id }, client) => {
      open.get(client, id)?.close();
      return null;
    }),
  };
}
