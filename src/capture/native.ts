/** What `LiveSource` needs of the native helper. The koffi binding follows. */
export interface NativeCapture {
  start(): void;
}

export interface AttachPlan {
  readonly syscalls: boolean;
}
