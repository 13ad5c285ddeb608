import { BlackHoleDatastore } from "datastore-core/black-hole";

/** The same components, whose datastore keeps nothing. */
export function lentDatastore<T extends { readonly datastore: unknown }>(components: T): T {
  const nothing = new BlackHoleDatastore();
  return new Proxy(components, {
    get: (target, key) => (key === "datastore" ? nothing : Reflect.get(target, key)),
  });
}
