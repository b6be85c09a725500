{{/* A Deployment. {root, role, own: its values} */}}
{{- define "port80.deployment" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $labels := dict "root" .root "component" .role }}
{{- $name := printf "%s-%s" (include "port80.fullname" .root) .role }}
{{- $admin := int ($values.listeners.admin.port | default 9090) }}
{{- $stop := include "port80.stopSeconds" .root | int }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "port80.metadata" (dict "root" .root "name" $name "component" .role) | nindent 2 }}
spec:
  replicas: {{ .own.replicas }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels:
      {{- include "port80.selectorLabels" $labels | nindent 6 }}
  template:
    metadata:
      labels:
        {{- $podLabels := merge (dict) .own.podLabels $values.pods.labels }}
        {{- if eq $values.mesh.sidecar "inject" }}{{ $_ := set $podLabels "sidecar.istio.io/inject" "true" }}{{ end }}
        {{- if eq $values.mesh.sidecar "never" }}{{ $_ := set $podLabels "sidecar.istio.io/inject" "false" }}{{ end }}
        {{- include "port80.selectorLabels" $labels | nindent 8 }}
        app.kubernetes.io/part-of: port80
        app.kubernetes.io/version: {{ $values.image.tag | default .root.Chart.AppVersion | quote }}
        # Has a port for metrics; no restart for a new version of the chart, whose label is not among these.
        port80.io/admin: "true"
        {{- with merge $podLabels $values.commonLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: port80
        # Of the settings that are read at the start only. Everything else is taken up from the file while it runs.
        port80.io/start-checksum: {{ include "port80.startChecksum" (dict "root" .root "role" .role) }}
        {{- if $values.monitoring.scrapeAnnotations }}
        prometheus.io/scrape: "true"
        prometheus.io/port: {{ $admin | quote }}
        prometheus.io/path: /metrics
        {{- end }}
        {{- if ne $values.mesh.sidecar "never" }}
        {{- if $values.mesh.excludeAdminPort }}
        traffic.sidecar.istio.io/excludeInboundPorts: {{ $admin | quote }}
        {{- if eq .role "worker" }}
        # Whose admin port is beside their sidecar is asked beside ours.
        traffic.sidecar.istio.io/excludeOutboundPorts: {{ $admin | quote }}
        {{- end }}
        {{- end }}
        {{- $proxy := dict }}
        {{- if $values.mesh.holdUntilProxyStarts }}
        {{- $proxy = dict "holdApplicationUntilProxyStarts" true "terminationDrainDuration" (printf "%ds" $stop) }}
        {{- end }}
        {{- if eq .role "worker" }}
        {{- /* Who answered, a gateway itself or an application behind it, is told by headers that a sidecar writes anew. */}}
        {{- $_ := set $proxy "proxyHeaders" (dict "server" (dict "disabled" true) "envoyDebugHeaders" (dict "disabled" true)) }}
        {{- end }}
        {{- with $proxy }}
        proxy.istio.io/config: {{ toJson . | quote }}
        {{- end }}
        {{- end }}
        {{- with merge (dict) .own.podAnnotations $values.pods.annotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      # serve goes on answering for listeners.stop.unreadyWait after SIGTERM, so that no preStop hook is needed; then it drains.
      terminationGracePeriodSeconds: {{ add $stop 10 }}
      {{- with $values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .own.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      securityContext:
        {{- toYaml $values.pods.securityContext | nindent 8 }}
      containers:
        - name: port80
          image: {{ include "port80.image" .root }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [serve, --role, {{ .role }}, --config, /etc/port80/port80.yaml]
          {{- with $values.pods.env }}
          env:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            {{- if eq .role "responder" }}
            - name: http
              containerPort: {{ int ($values.listeners.public.port | default 8080) }}
            {{- end }}
            - name: http-admin
              containerPort: {{ $admin }}
          # Alive says nothing of the API server or the CA: neither comes back faster for a restart.
          livenessProbe:
            httpGet: { path: /livez, port: http-admin }
            initialDelaySeconds: 5
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: http-admin }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 2
          resources:
            {{- toYaml .own.resources | nindent 12 }}
          securityContext:
            {{- toYaml $values.pods.containerSecurityContext | nindent 12 }}
          volumeMounts:
            # The folder, not the file: a file mounted by subPath is never updated.
            - name: config
              mountPath: /etc/port80
              readOnly: true
            {{- if eq .role "worker" }}
            {{- range $issuer, $settings := $values.issuers }}
            {{- if or $settings.caBundle $settings.externalAccount }}
            - name: issuer-{{ $issuer | trunc 50 | trimSuffix "-" }}
              mountPath: /etc/port80-issuers/{{ $issuer }}
              readOnly: true
            {{- end }}
            {{- end }}
            {{- end }}
      volumes:
        - name: config
          configMap:
            name: {{ $name }}
        {{- if eq .role "worker" }}
        {{- range $issuer, $settings := $values.issuers }}
        {{- if or $settings.caBundle $settings.externalAccount }}
        - name: issuer-{{ $issuer | trunc 50 | trimSuffix "-" }}
          projected:
            # The group is the pod's fsGroup.
            defaultMode: 0440
            sources:
              {{- with $settings.caBundle }}
              {{- $kind := ternary "secret" "configMap" (hasKey . "secret") }}
              {{- $source := get . $kind }}
              - {{ $kind }}:
                  name: {{ $source.name }}
                  items: [{ key: {{ $source.key | quote }}, path: roots.pem }]
              {{- end }}
              {{- with $settings.externalAccount }}
              - secret:
                  name: {{ .hmacKeySecret.name }}
                  items: [{ key: {{ .hmacKeySecret.key | quote }}, path: hmac-key }]
              {{- end }}
        {{- end }}
        {{- end }}
        {{- end }}
      {{- with $values.pods.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.pods.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .own.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- with .own.topologySpreadConstraints }}
        {{- toYaml . | nindent 8 }}
        {{- else }}
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "port80.selectorLabels" $labels | nindent 14 }}
        {{- end }}
{{- end }}

{{/* {root, role, own} */}}
{{- define "port80.disruptionBudget" -}}
{{- if and .own.podDisruptionBudget (gt (int .own.replicas) 1) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "port80.metadata" (dict "root" .root "name" (printf "%s-%s" (include "port80.fullname" .root) .role) "component" .role) | nindent 2 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "port80.selectorLabels" (dict "root" .root "component" .role) | nindent 6 }}
{{- end }}
{{- end }}
