{{/*
What the values mean, as JSON for fromJson. Every default of a domain is filled in here, and nowhere else:
{domains: [{name, hosts, secretName, namespaces, selector, httpPort, httpsPort, status, …}], gateways: [{key, selector, namespaces, hosts, tls}]}
*/}}
{{- define "port80.plan" -}}
{{- $root := . }}
{{- $selector := .Values.gateway.selector | default (dict "istio" "ingressgateway") }}
{{- $domains := list }}
{{- $names := dict }}
{{- $secrets := dict }}
{{- $issuers := concat (keys .Values.issuers) (list "letsencrypt" "letsencrypt-staging") | uniq | sortAlpha }}
{{- range $index, $domain := .Values.domains }}
{{- range $host := .hosts }}
{{- if contains "*" $host }}
{{- fail (printf "domains[%d]: %s is a wildcard, which HTTP-01 cannot validate; list each name instead" $index $host) }}
{{- end }}
{{- end }}
{{- range $issuer := list (.issuer | default $root.Values.defaultIssuer) .fallbackIssuer }}
{{- if and $issuer (not (has $issuer $issuers)) }}
{{- fail (printf "domains[%d]: %s is no issuer; write one of %s, or add it to issuers" $index $issuer (join ", " $issuers)) }}
{{- end }}
{{- end }}
{{- $gateway := $domain.gateway | default dict }}
{{- if and $gateway.namespace $gateway.namespaces }}
{{- fail (printf "domains[%d].gateway has namespace and namespaces; write one of the two" $index) }}
{{- end }}
{{- $namespaces := $root.Values.gateway.namespaces }}
{{- if $gateway.namespaces }}{{ $namespaces = $gateway.namespaces }}{{ end }}
{{- if $gateway.namespace }}{{ $namespaces = list $gateway.namespace }}{{ end }}
{{- $name := $domain.name | default ($domain.secretName | replace "." "-" | trunc 63 | trimSuffix "-") }}
{{- if hasKey $names $name }}
{{- fail (printf "domains[%d] and domains[%s] are both named %s; give one of them another secretName or name" $index (get $names $name) $name) }}
{{- end }}
{{- $_ := set $names $name (toString $index) }}
{{- range $namespace := $namespaces }}
{{- $place := printf "%s/%s" $namespace $domain.secretName }}
{{- if hasKey $secrets $place }}
{{- fail (printf "domains[%d] and domains[%s] would both write the Secret %s; give each a secretName of its own, or put all hosts into one" $index (get $secrets $place) $place) }}
{{- end }}
{{- $_ := set $secrets $place (toString $index) }}
{{- end }}
{{- $full := dict
      "name" $name "hosts" ($domain.hosts | join "\n" | lower | splitList "\n") "secretName" $domain.secretName "namespaces" $namespaces
      "selector" ($gateway.selector | default $selector)
      "httpPort" ($gateway.httpPort | default $root.Values.gateway.httpPort)
      "httpsPort" ($gateway.httpsPort | default $root.Values.gateway.httpsPort)
      "status" (($domain.redirect | default dict).status | default $root.Values.redirect.status)
      "tlsGateway" ($domain.tlsGateway | default "none") "written" $domain }}
{{- $domains = append $domains $full }}
{{- end }}

{{- $gateways := dict }}
{{- $seen := $domains }}
{{- $default := dict "selector" $selector "namespaces" .Values.gateway.namespaces "hosts" list "status" .Values.redirect.status }}
{{- if or (not $domains) (include "port80.discovers" .) .Values.routes.extraHosts }}
{{- $seen = append $seen (merge (dict "hosts" .Values.routes.extraHosts) $default) }}
{{- end }}
{{- range $seen }}
{{- $key := toJson .selector }}
{{- $group := get $gateways $key | default (dict "selector" .selector "namespaces" list "redirects" list) }}
{{- $_ := set $group "namespaces" (concat $group.namespaces .namespaces | uniq) }}
{{- $hosts := list }}
{{- range .hosts }}
{{- if not (regexMatch "^[0-9.]+$|:" .) }}{{ $hosts = append $hosts . }}{{ end }}
{{- end }}
{{- $_ := set $group "redirects" (append $group.redirects (dict "status" (int .status) "hosts" $hosts)) }}
{{- $_ := set $gateways $key $group }}
{{- end }}
{{- $list := list }}
{{- range $key := keys $gateways | sortAlpha }}
{{- $group := get $gateways $key }}
{{- $byStatus := list }}
{{- $taken := list }}
{{- range $status := list 301 302 308 }}
{{- $hosts := list }}
{{- range $group.redirects }}
{{- if eq (int .status) $status }}{{ $hosts = concat $hosts .hosts }}{{ end }}
{{- end }}
{{- $own := list }}
{{- range $hosts | uniq }}
{{- if not (has . $taken) }}{{ $own = append $own . }}{{ end }}
{{- end }}
{{- $taken = concat $taken $own }}
{{- with $own }}{{ $byStatus = append $byStatus (dict "status" $status "hosts" .) }}{{ end }}
{{- end }}
{{- $list = append $list (dict "selector" $group.selector "namespaces" $group.namespaces "redirects" $byStatus "suffix" (ternary "" (printf "-%s" (sha256sum $key | trunc 6)) (eq $key (toJson $selector)))) }}
{{- end }}
{{- dict "domains" $domains "gateways" $list | toJson }}
{{- end }}

{{/* Not empty when Gateways of the cluster are read. */}}
{{- define "port80.discovers" -}}
{{- if or .Values.discovery.istio .Values.discovery.gatewayApi }}true{{ end }}
{{- end }}

{{/* Namespaces of discovered gateways' pods, as JSON; "all" is every one. */}}
{{- define "port80.discoveredGatewayNamespaces" -}}
{{- ((.Values.discovery.gateway | default dict).namespaces | default .Values.gateway.namespaces) | toJson }}
{{- end }}

{{/* Every issuer that is used, as JSON. */}}
{{- define "port80.usedIssuers" -}}
{{- $default := .Values.defaultIssuer | default "letsencrypt-staging" }}
{{- $used := list }}
{{- range .Values.domains }}
{{- $used = append $used (.issuer | default $default) }}
{{- with .fallbackIssuer }}{{ $used = append $used . }}{{ end }}
{{- end }}
{{- if include "port80.discovers" . }}
{{- /* annotations may name any */}}
{{- $used = concat $used (keys .Values.issuers) (list "letsencrypt" "letsencrypt-staging") }}
{{- end }}
{{- $used | uniq | sortAlpha | toJson }}
{{- end }}

{{/* Namespaces that gateways' requests come from, as JSON; "all" is every one. */}}
{{- define "port80.gatewayNamespaces" -}}
{{- $namespaces := list }}
{{- range (include "port80.plan" . | fromJson).gateways }}{{ $namespaces = concat $namespaces .namespaces }}{{ end }}
{{- $found := include "port80.discoveredGatewayNamespaces" . }}
{{- if not (include "port80.discovers" .) }}{{ $namespaces | uniq | sortAlpha | toJson }}
{{- else if eq $found "\"all\"" }}{{ $found }}
{{- else }}{{ concat $namespaces (fromJsonArray $found) | uniq | sortAlpha | toJson }}
{{- end }}
{{- end }}

{{/* The same as a peer of a NetworkPolicy. */}}
{{- define "port80.gatewayPeer" -}}
{{- $namespaces := include "port80.gatewayNamespaces" . }}
{{- if eq $namespaces "\"all\"" -}}
- namespaceSelector: {}
{{- else -}}
- namespaceSelector:
    matchExpressions:
      - { key: kubernetes.io/metadata.name, operator: In, values: {{ $namespaces }} }
{{- end }}
{{- end }}
