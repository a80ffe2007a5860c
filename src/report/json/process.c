#include "report/json/process.h"

void wt_json_process(struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_process *p = c->process;
    if (!p)
        return;
    wt_json_key(j, "process");
    wt_json_open(j, '{');
    wt_json_key(j, "pid");
    wt_json_number(j, p->pid);
    wt_json_key(j, "program");
    wt_json_text(j, p->program);
    wt_json_key(j, "arguments");
    wt_json_open(j, '[');
    for (size_t i = 0; i < p->argument_count; i++)
        wt_json_text(j, p->arguments[i]);
    wt_json_close(j, ']');
    wt_json_close(j, '}');
}
