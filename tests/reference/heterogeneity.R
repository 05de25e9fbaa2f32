# SPDX-License-Identifier: GPL-3.0-or-later
# The reference numbers in tests/unit/test_heterogeneity.c, by R alone (base packages, R 4.2.2): Bonett's
# intervals, likelihoods of one and two normals and of the sinh-arcsinh distribution by optim() from many
# starts, variance components of repeated measurements. Not run by the tests.
#
#   Rscript tests/reference/heterogeneity.R
options(digits=17)
x <- c(-2.1,-0.4,-1.3,0.2,-2.8,-0.9,-1.7,-3.1,0.5,-1.1,-0.2,-2.4,-1.9,-0.7,-1.5,0.9,-2.2,-3.6,-0.6,-1.2)
y <- c(-0.5,0.3,-0.8,-0.1,0.6,-1.2,0.2,-0.4,-0.9,0.1,-0.3,0.8,-0.6,0,-1.0)
bon1 <- function(x,l=.95){n<-length(x);z<-qnorm(.5+l/2);cc<-n/(n-z);m<-mean(x,trim=1/(2*sqrt(n-4)));g<-n*sum((x-m)^4)/sum((x-mean(x))^2)^2;se<-cc*sqrt((g-(n-3)/n)/(n-1));exp(log(cc*var(x))+c(-1,1)*z*se)}
se2<-function(x,y,rho){n1<-length(x);n2<-length(y);m1<-mean(x,trim=1/(2*sqrt(n1-4)));m2<-mean(y,trim=1/(2*sqrt(n2-4)));g<-(n1+n2)*(sum((x-m1)^4)+rho^4*sum((y-m2)^4))/((n1-1)*var(x)+rho^2*(n2-1)*var(y))^2;sqrt((g-(n1-3)/n1)/(n1-1)+(g-(n2-3)/n2)/(n2-1))}
lim<-function(x,y,side,l=.95){z<-qnorm(.5+l/2);n1<-length(x);n2<-length(y);cc<-n1*(n2-z)/(n2*(n1-z));uniroot(function(r) log(cc*var(x)/var(y)/r^2)-side*z*se2(x,y,r),c(.01,50),tol=1e-14)$root}
cat("sd x",sqrt(c(var(x),bon1(x))),"\n")
cat("ratio",sd(x)/sd(y),lim(x,y,1),lim(x,y,-1),"\n")
zz<-uniroot(function(z){n1<-length(x);n2<-length(y);log(n1*(n2-z)/(n2*(n1-z))*var(x)/var(y))-z*se2(x,y,1)},c(0,10),tol=1e-14)$root
cat("z",zz,"p",2*pnorm(-zz),"\n")
a<-bon1(x);b<-bon1(y);d<-var(x)-var(y);cat("effect",d,d-sqrt((var(x)-a[1])^2+(b[2]-var(y))^2),d+sqrt((a[2]-var(x))^2+(var(y)-b[1])^2),"\n")
print(var.test(x,y)$p.value)
# mixture: two lumps
g <- c(-3.2,-2.9,-2.7,-2.5,-2.5,-2.3,-2.0,-1.8,-0.6,-0.4,-0.3,-0.1,0,0.1,0.2,0.2,0.4,0.5,0.7,1.0)
nll<-function(t,v) -sum(log(plogis(t[1])*dnorm(v,t[2],exp(t[4]))+(1-plogis(t[1]))*dnorm(v,t[3],exp(t[5]))))
eq<-function(t,v) nll(c(t,t[4]),v)
best<-function(f,v,st){b<-NULL;for(s in st){o<-optim(s,f,v=v,method="Nelder-Mead",control=list(maxit=20000,reltol=1e-15));p<-try(optim(o$par,f,v=v,method="BFGS",control=list(maxit=5000,reltol=1e-15)),silent=TRUE);if(!inherits(p,"try-error"))o<-p;if(is.null(b)||o$value<b$value)b<-o};b}
for(v in list(g,x,round(qlnorm(ppoints(20),0,.6),2),round(qt(ppoints(20),3),2))){ s<-log(sd(v)); st<-lapply(c(-2,-1,0,1,2),function(a) c(a,mean(v)-sd(v),mean(v)+sd(v),s)); o<-best(eq,v,st); cat("eq",-o$value,plogis(o$par[1]),o$par[2:3],exp(o$par[4]),"\n"); 
o1<- sum(dnorm(v,mean(v),sqrt(mean((v-mean(v))^2)),log=TRUE)); cat("one",o1,"\n")
sas<-function(t,v){y<-(v-t[1])/exp(t[2]);e<-t[3];dl<-exp(t[4]);S<-sinh(dl*asinh(y)-e);-sum(-S^2/2+log(sqrt(1+S^2))-.5*log(1+y^2)+t[4]-t[2]-.5*log(2*pi))}
o<-best(sas,v,list(c(mean(v),s,0,0),c(mean(v),s-.5,.3,-.3),c(mean(v),s-.5,-.3,.3))); cat("sas",-o$value,o$par[3],exp(o$par[4]),"\n")}
s<-log(sd(g)); st<-lapply(c(-1,0,1),function(a) c(a,-2.5,0.2,s-1,s-1)); o<-best(nll,g,st); cat("uneq",-o$value,plogis(o$par[1]),o$par[2:3],exp(o$par[4:5]),"\n")
# replicates
v<-c(5.1,5.6,4.9,6.2,6.0,4.4,4.1,4.6,5.5,7.0,6.4); s<-factor(c(1,1,1,2,2,3,3,3,4,5,5)); an<-anova(lm(v~s)); print(an$"Mean Sq",digits=17); ms<-an$"Mean Sq"; k<-5;N<-11;ni<-table(s);n0<-(N-sum(ni^2)/N)/(k-1);cat("sd",sqrt(ms[2]),sqrt(ms[2]*6/qchisq(c(.975,.025),6)),"\nicc",(ms[1]-ms[2])/(ms[1]+(n0-1)*ms[2]),"\n"); Fv<-ms[1]/ms[2]; fl<-Fv/qf(.975,4,6);fu<-Fv*qf(.975,6,4);cat((fl-1)/(fl+n0-1),(fu-1)/(fu+n0-1),pf(Fv,4,6,lower=FALSE),"\n")
f<-var(x)/(2*.5^2);cat("rel",1-1/f,1-qf(.975,19,6)/f,1-qf(.025,19,6)/f,pf(f,19,6,lower=FALSE)," known ",1-qchisq(.975,19)/19/f,1-qchisq(.025,19)/19/f,pchisq(f*19,19,lower=FALSE),"\n")
