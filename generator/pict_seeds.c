#include <generator/inner.h>
#include <generator/pict_seeds.h>
#include <stdlib.h>
#include <string.h>

enum ct_err ct__pict_seeds_keep(struct ct__pict_seeds *seeds, const struct ct__pict *model, struct ct__space *space,
                                struct ct_error *error)
{
    size_t width = seeds->width = model->parameter_count;
    seeds->values = malloc((seeds->count * width + 1) * sizeof(*seeds->values));
    seeds->dropped = malloc((seeds->count * width + 1) * sizeof(*seeds->dropped));
    seeds->witness = malloc((width + 1) * sizeof(*seeds->witness));
    if (!seeds->values || !seeds->dropped || !seeds->witness) return ct__nomem(error);
    memset(seeds->values, 0xff, seeds->count * width * sizeof(*seeds->values));
    for (size_t i = 0; i < seeds->count * width; i++) {
        size_t seed = i / width, parameter = i % width;
        uint16_t value = seeds->given[i];
        if (value == CT__ANY) continue;
        if (value >= model->parameters[parameter].value_count)
            return ct__error(error, CT_EINVAL, "seed row %zu: parameter %zu has no value %u", seed, parameter, value);
        seeds->values[i] = value;
        if (ct__space_allows(space, seeds->values + seed * width, NULL)) continue;
        seeds->values[i] = CT__ANY;
        seeds->dropped[seeds->dropped_count++] = (struct ct__dropped){ .seed = seed, .factor = (uint32_t)parameter };
    }
    return CT_OK;
}

static bool agree(const uint16_t *seed, const uint16_t *row, size_t width)
{
    size_t i = 0;
    while (i < width && (seed[i] == CT__ANY || seed[i] == row[i])) i++;
    return i == width;
}

bool ct__pict_seeds_are_in(const struct ct__pict_seeds *seeds, const struct ct__rows *rows)
{
    for (size_t s = 0; s < seeds->count; s++) {
        size_t r = 0;
        while (r < rows->count &&
               !agree(seeds->values + s * seeds->width, rows->values + r * seeds->width, seeds->width))
            r++;
        if (r == rows->count) return false;
    }
    return true;
}

void ct__pict_seeds_complete(struct ct__pict_seeds *seeds, struct ct__space *space)
{
    for (size_t s = 0; s < seeds->count; s++) {
        uint16_t *seed = seeds->values + s * seeds->width;
        ct__space_forbid_negatives(space, true);
        bool positive = ct__space_allows(space, seed, seeds->witness);
        ct__space_forbid_negatives(space, false);
        if (!positive && !ct__space_allows(space, seed, seeds->witness)) continue;
        memcpy(seed, seeds->witness, seeds->width * sizeof(*seed));
    }
}

void ct__pict_seeds_clear(struct ct__pict_seeds *seeds)
{
    free(seeds->values);
    free(seeds->dropped);
    free(seeds->witness);
}
