{
  'targets': [
    # Reads recordings ahead: an addon by Node-API, which is loaded sooner than a library by FFI.
    {
      'target_name': 'tsdig_scan',
      'sources': [
        'native/scan/addon.c',
        'native/scan/find_texts.c',
        'native/scan/read_ahead.c',
        'native/scan/scan_events.c',
      ],
      'cflags': ['-std=c11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-fPIC', '-fvisibility=hidden'],
      'libraries': ['-lpthread'],
    },
    # The helper for live capture: a plain C library (no Node-API) and the eBPF programs it loads.
    {
      'target_name': 'tsdig',
      'type': 'shared_library',
      'product_dir': '<(PRODUCT_DIR)',
      # node-gyp takes the prefix away from what it builds.
      'product_prefix': 'lib',
      'sources': [
        'native/allow.c',
        'native/attach.c',
        'native/awaited.c',
        'native/capture.c',
        'native/cgroups.c',
        'native/clock.c',
        'native/closer.c',
        'native/command.c',
        'native/config.c',
        'native/engine.c',
        'native/events.c',
        'native/merge.c',
        'native/params.c',
        'native/perf.c',
        'native/perf_lanes.c',
        'native/perf_threads.c',
        'native/ptrace.c',
        'native/remote.c',
        'native/ring.c',
        'native/sockets.c',
        'native/tracees.c',
        'native/tracefs.c',
      ],
      'cflags': ['-std=c11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-fPIC', '-fvisibility=hidden'],
      'libraries': ['-lbpf', '-lelf', '-lz', '-lpthread'],
      'dependencies': ['tsdig_bpf'],
    },
    {
      'target_name': 'tsdig_bpf',
      'type': 'none',
      'variables': {
        'conditions': [
          ['target_arch=="arm64"', {'bpf_arch': 'arm64'}, {'bpf_arch': 'x86'}],
        ],
      },
      'actions': [
        {
          'action_name': 'clang_bpf',
          'inputs': [
            'native/layout.h',
            'native/bpf/allow.bpf.h',
            'native/bpf/entering.bpf.h',
            'native/bpf/kernel.h',
            'native/bpf/files.bpf.h',
            'native/bpf/params.bpf.h',
            'native/bpf/process.bpf.h',
            'native/bpf/sockets.bpf.h',
            'native/bpf/tasks.bpf.h',
            'native/bpf/user_memory.bpf.h',
            'native/bpf/region.bpf.h',
            'native/bpf/tables.generated.h',
            'native/bpf/tsdig.bpf.c',
          ],
          'outputs': ['<(PRODUCT_DIR)/tsdig.bpf.o'],
          'action': [
            'clang', '-g', '-O2', '-target', 'bpf', '-mcpu=v3', '-D__TARGET_ARCH_<(bpf_arch)',
            '-Wall', '-Wextra', '-Werror', '-Wno-unused-function', '-Wno-unused-parameter',
            '-c', 'native/bpf/tsdig.bpf.c', '-o', '<@(_outputs)',
          ],
        },
      ],
    },
  ],
}
