/** The parts of an image's name, `repository[:tag][@digest]`. Absent parts are ''. */
export interface ImageName {
  repo: string;
  tag: string;
  /** With `sha256:`. */
  digest: string;
}

/**
 * Splits an image's name. A colon belongs to the tag only behind the last slash: before it, it is a port
 * (`localhost:5000/web`). A bare id (`sha256:…` or 64 hex digits) has no parts.
 */
export function splitImageName(image: string): ImageName {
  if (image.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(image)) return { repo: '', tag: '', digest: '' };
  const at = image.indexOf('@');
  const digest = at < 0 ? '' : image.slice(at + 1);
  const name = at < 0 ? image : image.slice(0, at);
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  return { repo: hasTag ? name.slice(0, colon) : name, tag: hasTag ? name.slice(colon + 1) : '', digest };
}

/** An image id without its algorithm. */
export function bareImageId(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7) : id;
}

/**
 * Fills what the name leaves open from what the engine says of the image.
 *
 * @param repoTags `name:tag` of the image, repoDigests `name@sha256:…`
 */
export function completeImageName(
  name: ImageName,
  repoTags: readonly string[],
  repoDigests: readonly string[],
): ImageName {
  let { repo, tag, digest } = name;
  const tags = repoTags.map(splitImageName).filter((one) => one.repo !== '' && one.repo !== '<none>');
  const digests = repoDigests.map(splitImageName).filter((one) => one.repo !== '' && one.repo !== '<none>');
  if (repo === '') repo = (tags[0] ?? digests[0])?.repo ?? '';
  if (tag === '') tag = tags.find((one) => one.repo === repo)?.tag ?? '';
  if (digest === '') digest = (digests.find((one) => one.repo === repo) ?? digests[0])?.digest ?? '';
  // Started by name alone, the engine takes `latest`.
  if (tag === '' && repo !== '' && name.digest === '') tag = 'latest';
  return { repo, tag, digest };
}
