/** A real S3 server with a bucket for each party, which answers readers without rights too. */
import S3rver from "@20minutes/s3rver";

export interface S3Server {
  readonly url: string;
  /** What its owner's programs need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function s3Server(directory: string, buckets: readonly string[]): Promise<S3Server> {
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets: buckets.map((name) => ({ name, configs: [] })),
  });
  const { port } = await server.run();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    env: {
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
      MATRIXAI_S3_PUBLIC_URL: `${url}/{bucket}`,
    },
    close: () => server.close(),
  };
}
