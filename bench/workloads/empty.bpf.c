/* Programs that do nothing: what it costs to have any at all on the system call tracepoints. */
#define SEC(name) __attribute__((section(name), used))

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/sys_enter")
int enter(void *context) {
	return 0;
}

SEC("tp_btf/sys_exit")
int leave(void *context) {
	return 0;
}
