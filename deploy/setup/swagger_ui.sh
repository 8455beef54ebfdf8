#!/bin/sh
# Renew the Swagger UI that the stand-in shows. Usage: swagger_ui.sh [VERSION]; without one, the
# version that SOURCE.md names is fetched again. Afterwards: `make test`, and look at the page.
set -eu
folder=orchestrator/standin/openapi/swagger_ui
version=${1:-$(sed -n 's/^| version | \(.*\) |$/\1/p' $folder/SOURCE.md)}
# Shipped as they are. The bundle's own list of licences belongs to it.
files='LICENSE NOTICE swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt swagger-ui.css'

fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
npm pack --silent --pack-destination "$fetched" "swagger-ui-dist@$version" >/dev/null
tar -xzf "$fetched/swagger-ui-dist-$version.tgz" -C "$fetched"
for file in $files; do
    cp "$fetched/package/$file" $folder/
    chmod 644 "$folder/$file"
done
sed -i "s/^| version | .* |$/| version | $version |/" $folder/SOURCE.md
# shellcheck disable=SC2086  # a list of names
(cd $folder && sha256sum $files >SHA256SUMS)
echo "== Swagger UI $version: $(wc -l <$folder/SHA256SUMS) files in $folder"
