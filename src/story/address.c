#include "base/span.h"
#include "wiretale/story.h"

#include <arpa/inet.h>

/* RFC 4291, 2.5.5.2: an IPv4-mapped address is 80 bits of zeros, 16 bits of ones, and the IPv4 address. */
static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool wt_address_is_v4(const struct wt_address *address)
{
    return memcmp(address->ip, mapped, sizeof mapped) == 0;
}

/* Four numbers and three dots: inet_ntop goes by way of sprintf, which two addresses in every connection feel. */
static void format_v4(const uint8_t ip[4], char *p)
{
    for (unsigned i = 0; i < 4; i++) {
        if (ip[i] >= 100)
            *p++ = (char)('0' + ip[i] / 100);
        if (ip[i] >= 10)
            *p++ = (char)('0' + ip[i] / 10 % 10);
        *p++ = (char)('0' + ip[i] % 10);
        *p++ = i < 3 ? '.' : '\0';
    }
}

const char *wt_address_format(const struct wt_address *address, char out[46])
{
    if (wt_address_is_v4(address))
        format_v4(address->ip + sizeof mapped, out);
    else if (!inet_ntop(AF_INET6, address->ip, out, INET6_ADDRSTRLEN))
        out[0] = '\0';
    return out;
}
