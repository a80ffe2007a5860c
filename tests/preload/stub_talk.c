/* stub_talk [ask] [MODULE...]: uses the libssl that it is linked with, and each module's. */
#include "stub_use.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const int asks = argc > 1 && !strcmp(argv[1], "ask");
    int status = stub_use(asks);
    for (int i = 1 + asks; i < argc && !status; i++) {
        int (*use)(int);
        void *module = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (!module) {
            (void)fprintf(stderr, "%s\n", dlerror());
            return 9;
        }
        *(void **)&use = dlsym(module, "stub_use");
        status = use(0);
    }
    return status;
}
