import type { ContainerInfo } from '../container/container.js';
import type { Machine } from '../machine/machine.js';
import { PT } from '../scap/events.generated.js';
import { containerOf, labelsText } from './container.js';
import { type Extractor, type FieldDef, FieldError } from './field.js';

/** Pods are known by the labels that the kubelet gives to their containers: no API server is asked. */
function ofPod(read: (info: ContainerInfo, m: Machine) => string | undefined): Extractor {
  return (_ev, m) => {
    const info = containerOf(m);
    return info === undefined ? undefined : read(info, m);
  };
}

function text(name: string, description: string, extract: Extractor): FieldDef {
  return { name, type: PT.CHARBUF, fmt: 'na', needs: 'thread', description, extract };
}

/** Needs the API server, which nothing asks any more. */
function gone(name: string, what: string, argument = false): FieldDef {
  return {
    name,
    type: PT.CHARBUF,
    fmt: 'na',
    deprecated: true,
    description: `${what}. No longer known: it stood only in the Kubernetes API server.`,
    ...(argument ? withArgument(name, () => undefined) : { extract: () => undefined }),
  };
}

function withArgument(
  name: string,
  read: (arg: string) => Extractor | undefined,
): Pick<FieldDef, 'argument' | 'bind'> {
  return {
    argument: 'required',
    bind: (arg) => {
      if (arg === undefined || arg === '')
        throw new FieldError(`${name} needs the name of a label: ${name}.app`);
      return { extract: read(arg) ?? (() => undefined) };
    },
  };
}

/** Labels of the pod: those of its sandbox. */
function podLabels(info: ContainerInfo): ReadonlyMap<string, string> {
  return info.isPodSandbox ? info.labels : info.podSandboxLabels;
}

/** The sandbox of the container's pod; the container itself if it is the sandbox. */
function sandbox(info: ContainerInfo, m: Machine): ContainerInfo | undefined {
  return info.isPodSandbox ? info : m.containers.get(info.podSandboxId.slice(0, SHORT_ID));
}

const SHORT_ID = 12;

function some(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function goneFamily(kind: string, what: string): FieldDef[] {
  return [
    gone(`k8s.${kind}.name`, `Name of the ${what}`),
    gone(`k8s.${kind}.id`, `Id of the ${what}`),
    gone(`k8s.${kind}.label`, `One label of the ${what}`, true),
    gone(`k8s.${kind}.labels`, `Labels of the ${what}`),
  ];
}

/** Class k8s. */
export const K8S_FIELDS: readonly FieldDef[] = [
  text(
    'k8s.ns.name',
    'Namespace of the pod.',
    ofPod((info) => info.podNamespace),
  ),
  text(
    'k8s.pod.name',
    'Name of the pod.',
    ofPod((info) => info.podName),
  ),
  text(
    'k8s.pod.id',
    'Uid of the pod.',
    ofPod((info) => info.podUid),
  ),
  text(
    'k8s.pod.uid',
    'Uid of the pod.',
    ofPod((info) => info.podUid),
  ),
  text(
    'k8s.pod.sandbox_id',
    "Short id of the pod's sandbox container.",
    ofPod((info) => some(fullSandboxId(info).slice(0, SHORT_ID))),
  ),
  text(
    'k8s.pod.full_sandbox_id',
    "Whole id of the pod's sandbox container.",
    ofPod((info) => some(fullSandboxId(info))),
  ),
  {
    name: 'k8s.pod.label',
    type: PT.CHARBUF,
    fmt: 'na',
    needs: 'thread',
    description: 'Value of one label of the pod: k8s.pod.label.app.',
    ...withArgument('k8s.pod.label', (arg) => ofPod((info) => podLabels(info).get(arg))),
  },
  text(
    'k8s.pod.labels',
    'All labels of the pod as name:value, joined by commas.',
    ofPod((info) => labelsText(podLabels(info))),
  ),
  text(
    'k8s.pod.ip',
    'IPv4 address of the pod.',
    ofPod((info, m) => (info.podName === undefined ? undefined : (sandbox(info, m) ?? info).ip)),
  ),
  text(
    'k8s.pod.cni.json',
    'Network of the pod as its CNI plugin reported it, JSON.',
    ofPod((info, m) => some((sandbox(info, m) ?? info).cniJson)),
  ),
  ...goneFamily('rc', 'replication controller'),
  ...goneFamily('svc', 'service'),
  gone('k8s.ns.id', 'Id of the namespace'),
  gone('k8s.ns.label', 'One label of the namespace', true),
  gone('k8s.ns.labels', 'Labels of the namespace'),
  ...goneFamily('rs', 'replica set'),
  ...goneFamily('deployment', 'deployment'),
];

function fullSandboxId(info: ContainerInfo): string {
  return info.isPodSandbox ? info.fullId : info.podSandboxId;
}
