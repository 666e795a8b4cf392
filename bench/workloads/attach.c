/* Attaches the named programs of an eBPF object until its standard input ends. Says `attached`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>

int main(int argc, char **argv) {
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	struct bpf_program *program;

	if (!object)
		return 1;
	bpf_object__for_each_program(program, object) {
		int wanted = 0;
		for (int i = 2; i < argc; i++)
			wanted |= strcmp(argv[i], bpf_program__name(program)) == 0;
		bpf_program__set_autoload(program, wanted);
	}
	if (bpf_object__load(object))
		return 1;
	bpf_object__for_each_program(program, object)
		if (bpf_program__autoload(program) && !bpf_program__attach(program))
			return 1;
	puts("attached");
	fflush(stdout);
	char c;
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
