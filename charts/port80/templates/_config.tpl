{{/*
port80.yaml. {root, role}: the responder's has no file of an issuer in it, since it does not mount them, and a
configuration that names a missing file is refused.
*/}}
{{- define "port80.config" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $plan := include "port80.plan" $root | fromJson }}
{{- $config := dict }}

{{- $issuers := dict }}
{{- range $name, $issuer := $values.issuers }}
{{- $own := omit $issuer "externalAccount" "caBundle" }}
{{- if eq $.role "worker" }}
{{- with $issuer.externalAccount }}
{{- $_ := set $own "externalAccount" (dict "keyId" .keyId "hmacKeyFile" (printf "/etc/port80-issuers/%s/hmac-key" $name)) }}
{{- end }}
{{- if $issuer.caBundle }}
{{- $_ := set $own "caBundle" (printf "/etc/port80-issuers/%s/roots.pem" $name) }}
{{- end }}
{{- end }}
{{- if hasKey $own "preflight" }}{{ $_ := set $own "preflight" (toString $own.preflight | replace "false" "off") }}{{ end }}
{{- if kindIs "bool" $own.limits }}{{ $_ := set $own "limits" "off" }}{{ end }}
{{- if kindIs "map" $own.limits }}
{{- $limits := dict }}
{{- range $bucket, $limit := $own.limits }}{{ $_ := set $limits $bucket (ternary "off" $limit (kindIs "bool" $limit)) }}{{ end }}
{{- $_ := set $own "limits" $limits }}
{{- end }}
{{- $_ := set $issuers $name $own }}
{{- end }}
{{- with $issuers }}{{ $_ := set $config "issuers" . }}{{ end }}

{{- $certificates := list }}
{{- range $plan.domains }}
{{- $certificate := pick .written "fallbackIssuer" "keyType" "reuseKey" "profile" "renewal" "redirect" }}
{{- $_ := set $certificate "name" .name }}
{{- $_ := set $certificate "domains" .hosts }}
{{- with .written.issuer | default $values.defaultIssuer }}{{ $_ := set $certificate "issuer" . }}{{ end }}
{{- $gateway := dict "namespaces" .namespaces "selector" .selector "httpPort" (int .httpPort) "httpsPort" (int .httpsPort) }}
{{- $secret := dict "name" .secretName "gateway" $gateway }}
{{- if .written.takeOver }}{{ $_ := set $secret "takeOver" true }}{{ end }}
{{- $_ := set $certificate "destinations" (list (dict "secret" $secret)) }}
{{- $certificates = append $certificates $certificate }}
{{- end }}
{{- with $certificates }}{{ $_ := set $config "certificates" . }}{{ end }}

{{- $_ := set $config "kubernetes" (dict "clusterDomain" $values.clusterDomain) }}
{{- $_ := set $config "store" (dict "kubernetes" (dict "namespace" $root.Release.Namespace "lease" $values.lease)) }}
{{- $_ := set $config "responders" (dict "service" (include "port80.respondersService" $root) "port" (int ($values.listeners.public.port | default 8080))) }}
{{- $_ := set $config "redirect" $values.redirect }}
{{- $_ := set $config "listeners" $values.listeners }}
{{- with $values.worker }}{{ $_ := set $config "worker" . }}{{ end }}
{{- $_ := set $config "log" $values.log }}

{{- if include "port80.discovers" $root }}
{{- $discovery := deepCopy $values.discovery }}
{{- $gateway := omit ($discovery.gateway | default dict) "namespaces" }}
{{- $wide := include "port80.discoveredGatewayNamespaces" $root | eq "\"all\"" }}
{{- if not $wide }}{{ $_ := set $gateway "namespaces" (include "port80.discoveredGatewayNamespaces" $root | fromJsonArray) }}{{ end }}
{{- $_ := set $discovery "gateway" $gateway }}
{{- if and (not $discovery.issuer) $values.defaultIssuer }}{{ $_ := set $discovery "issuer" $values.defaultIssuer }}{{ end }}
{{- $_ := set $config "discovery" $discovery }}
{{- end }}

{{- /* YAML 1.1 of values files makes `off` false; and without a gateway there is nothing to look through. */}}
{{- $through := toString $values.selfCheck.through }}
{{- $check := "off" }}
{{- if eq $through "url" }}
{{- $check = pick $values.selfCheck "url" "timeout" }}
{{- else if and (eq $through "gateways") (or $plan.domains (include "port80.discovers" $root)) }}
{{- $check = dict "gateways" true "timeout" $values.selfCheck.timeout }}
{{- end }}
{{- $_ := set $config "selfCheck" $check }}
{{- $_ := set $config "preflight" (toString $values.preflight | replace "false" "off") }}
{{- $canary := "off" }}
{{- if include "port80.canary" $root }}
{{- $canary = dict }}
{{- with $values.canary.every }}{{ $_ := set $canary "every" . }}{{ end }}
{{- end }}
{{- $_ := set $config "canary" $canary }}
{{- $_ := set $config "proof" (ternary (omit $values.proof "enabled") "off" $values.proof.enabled) }}
{{- $_ := set $config "lint" (ternary (omit $values.lint "enabled") "off" $values.lint.enabled) }}
{{- with $values.observe }}{{ $_ := set $config "observe" . }}{{ end }}
{{- with $values.resolvers }}{{ $_ := set $config "resolvers" . }}{{ end }}

{{- toYaml $config }}
{{- end }}

{{/* "true" or nothing. `canary: off` was a whole value once, and `enabled` could be left empty. */}}
{{- define "port80.canary" -}}
{{- $canary := .Values.canary }}
{{- if kindIs "map" $canary }}
{{- if ne (toString $canary.enabled) "false" }}true{{ end }}
{{- end }}
{{- end }}

{{/* "true" or nothing: whether public addresses of names are asked on port 80, by preflight or the canary. */}}
{{- define "port80.looksOutside" -}}
{{- $preflight := list (toString .Values.preflight) }}
{{- range .Values.issuers }}{{ $preflight = append $preflight (toString .preflight) }}{{ end }}
{{- $looks := or (has "warn" $preflight) (has "require" $preflight) (include "port80.canary" .) }}
{{- if and $looks (has (toString .Values.selfCheck.through) (list "gateways" "url")) }}true{{ end }}
{{- end }}

{{/* What of it is read at the start only: a change of these restarts the pods, a change of anything else does not. */}}
{{- define "port80.startChecksum" -}}
{{- $config := include "port80.config" . | fromYaml }}
{{- pick $config "listeners" "store" "kubernetes" | toJson | sha256sum }}
{{- end }}
