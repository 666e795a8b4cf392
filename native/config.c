/* The constants of one capture, from its options. */
#include <string.h>
#include <unistd.h>
#include "config.h"
#include "params.h"

/* Has no number of its own before its first argument is known (see the table of 32-bit calls). */
#define SOCKETCALL 493

static unsigned char gate_of(const struct tsdig_sys *sys) {
    return (unsigned char)((sys->enter != TSDIG_NO_PLAN ? TSDIG_GATE_ENTER : 0) |
                           (sys->exit != TSDIG_NO_PLAN ? TSDIG_GATE_EXIT : 0));
}

void config_make(const struct tsdig *t, const struct tsdig_options *o, struct tsdig_config *config) {
    memset(config, 0, sizeof(*config));
    config->ring_mask = (unsigned int)(t->buffer_size - 1);
    config->snaplen = o->snaplen > TSDIG_MAX_SNAPLEN ? TSDIG_MAX_SNAPLEN : o->snaplen;
    config->exclude[0] = (unsigned int)getpid();
    for (int i = 0; i < TSDIG_EXCLUDE - 1; i++)
        config->exclude[i + 1] = o->exclude[i];
    for (int i = 0; i < TSDIG_SETS; i++)
        config->use_set[i] = (o->sets >> i) & 1;
    config->follow_forks = (o->flags & TSDIG_FOLLOW_FORKS) != 0;
    config->life_for_all = (o->flags & TSDIG_LIFE_FOR_ALL) != 0;
    config->hierarchy = (unsigned char)o->hierarchy;
    config->deny_cgroups = (o->flags & TSDIG_DENY_CGROUPS) != 0;
    config->spare_nested = (o->flags & TSDIG_SPARE_NESTED) != 0;
    config->life_by_sched = t->life_by_sched;
    config->by_calls = t->by_calls;
    config->demand = (unsigned char)t->demand;
    config->life_exits = (t->tracepoints & TSDIG_TP_LIFE) != 0;
    config->exec_plan = (unsigned short)plan_execve(o->flags & TSDIG_FULL_EVENTS);
    sys_table(o, config->sys);
    for (unsigned int raw = 0; raw < TSDIG_MAX_SYSCALLS; raw++) {
        unsigned int compat = compat_number(raw);
        config->gate[raw] = gate_of(&config->sys[raw]) | gate_of(&config->sys[compat]);
        if (compat == SOCKETCALL)
            config->gate[raw] = TSDIG_GATE_ENTER | TSDIG_GATE_EXIT;
    }
}
