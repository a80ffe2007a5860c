#include "registry/registry.h"

static const struct {
    uint16_t port;
    const char *service;
} ports[] = {
#define WT_PORT(number, service, source) {number, service},
#include "registry/ports.def"
#undef WT_PORT
};

const char *wt_port_service(uint16_t port)
{
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (ports[i].port == port)
            return ports[i].service;
    return NULL;
}
