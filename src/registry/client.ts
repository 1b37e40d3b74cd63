import type { Result } from "../result.ts";
import { createAuthorizer, type ClientOptions } from "./authorize.ts";
import { getBlob, headBlob, type BlobDownload, type BlobInfo, type Deletion } from "./blobs.ts";
import { deleteManifest, getManifest, putManifest, type Manifest, type ManifestUpload } from "./manifests.ts";
import { logIn, pingRegistry, type Login, type Ping } from "./ping.ts";
import { uploadStream, type StreamUpload } from "./stream-upload.ts";
import { listTags } from "./tags.ts";
import { cancelUpload, openUpload, uploadBlob, type BlobUpload } from "./upload.ts";

/** One registry, as the Distribution API (distribution-spec 1.1) shows it. Digests are `sha256:` and 64 hex digits. */
export interface RegistryClient {
  /** Without credentials: is it a registry, and what does it ask for? */
  ping(): Promise<Result<Ping>>;
  /** Proves the credentials. */
  login(): Promise<Result<Login>>;
  headBlob(repository: string, digest: string): Promise<Result<BlobInfo | undefined>>;
  getBlob(download: BlobDownload): Promise<Result<number>>;
  uploadBlob(upload: BlobUpload): Promise<Result<void>>;
  /** Pushes a blob whose digest nobody knows beforehand, and gives it. */
  uploadStream(upload: StreamUpload): Promise<Result<string>>;
  /** Some of its tags, at most 100; undefined: there is no such repository. */
  listTags(repository: string): Promise<Result<readonly string[] | undefined>>;
  openUpload(repository: string): Promise<Result<URL>>;
  /** `unsupported`: it stays until the registry clears it up by itself. */
  cancelUpload(repository: string, upload: URL): Promise<Result<Deletion>>;
  putManifest(upload: ManifestUpload): Promise<Result<string>>;
  getManifest(repository: string, reference: string): Promise<Result<Manifest>>;
  deleteManifest(repository: string, digest: string): Promise<Result<Deletion>>;
}

/**
 * Makes a client. It keeps what the registry's challenges taught it, and tokens, in memory only. Credentials are sent to
 * the registry's own authority, and to a token realm on its host or in `allowedRealms`, and only when challenged.
 */
export function createRegistryClient(options: ClientOptions): RegistryClient {
  const session = { options, authorizer: createAuthorizer(options) };
  return {
    ping: () => pingRegistry(options, session.authorizer),
    login: () => logIn(options, session.authorizer),
    headBlob: (repository, digest) => headBlob(session, repository, digest),
    getBlob: (download) => getBlob(session, download),
    uploadBlob: (upload) => uploadBlob(session, upload),
    uploadStream: (upload) => uploadStream(session, upload),
    listTags: (repository) => listTags(session, repository),
    openUpload: (repository) => openUpload(session, repository),
    cancelUpload: (repository, upload) => cancelUpload(session, repository, upload),
    putManifest: (upload) => putManifest(session, upload),
    getManifest: (repository, reference) => getManifest(session, repository, reference),
    deleteManifest: (repository, digest) => deleteManifest(session, repository, digest),
  };
}
