/* Inside of a command that tsdig starts: what the engine that traces it has to know. */
#ifndef TSDIG_COMMAND_H
#define TSDIG_COMMAND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Memory shared with the process until it executes. */
struct command_gate {
    uint32_t awake; /* it has left the system call in which it waited */
    uint32_t go;    /* it may execute */
};

struct tsdig_command {
    pid_t pid;
    int release_fd; /* a byte here wakes the process */
    int trouble_fd; /* it writes errno here when it cannot execute */
    struct command_gate *gate;
    char *path;
    /* A process that is traced is reaped by the thread that traces it, which leaves the status here. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool traced;
    bool ended;
    int status; /* as wait gives it */
};

/* The tracing thread begins, or is over. */
void command_traced(struct tsdig_command *c, bool traced);
/* The tracing thread has reaped the process. */
void command_ended(struct tsdig_command *c, int status);

#endif
