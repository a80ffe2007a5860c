#include "base/span.h"
#include "wiretale/story.h"

#include <arpa/inet.h>

/* RFC 4291, 2.5.5.2: an IPv4-mapped address is 80 bits of zeros, 16 bits of ones, and the IPv4 address. */
static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool wt_address_is_v4(const struct wt_address *address)
{
    return memcmp(address->ip, mapped, sizeof mapped) == 0;
}

const char *wt_address_format(const struct wt_address *address, char out[46])
{
    bool v4 = wt_address_is_v4(address);
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, address->ip + (v4 ? sizeof mapped : 0), out, INET6_ADDRSTRLEN))
        out[0] = '\0';
    return out;
}
