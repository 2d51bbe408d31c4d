/** What the tests use of a package that has no types of its own. */
declare module "s3rver" {
  import type { AddressInfo } from "node:net";

  export default class S3rver {
    constructor(options: {
      readonly directory: string;
      readonly port?: number;
      readonly address?: string;
      readonly silent?: boolean;
      readonly resetOnClose?: boolean;
      readonly configureBuckets?: readonly { readonly name: string }[];
    });
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }
}
