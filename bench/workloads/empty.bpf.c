/* Programs that do nothing, or no more than ask for the time: what it costs to have any at all on the system call tracepoints. */
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

/* bpf_ktime_get_ns. */
static unsigned long long (*const now)(void) = (void *)5;

SEC("tp_btf/sys_enter")
int enter_clock(void *context) {
	now();
	return 0;
}

SEC("tp_btf/sys_exit")
int leave_clock(void *context) {
	now();
	return 0;
}
